import { createMemoryStore } from "@payapi/ledger/internal";
import { describeLedgerStore } from "../../src/store-suite.js";
import { ownPostgresStore } from "./new-schema.js";

describeLedgerStore("memory", async () => createMemoryStore());

describeLedgerStore("PostgreSQL", () => ownPostgresStore());
