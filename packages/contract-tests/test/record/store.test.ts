import { createMemoryStore, openPostgresStore } from "@payapi/ledger/internal";
import { describeLedgerStore } from "../../src/store-suite.js";
import { databaseUrl, newSchema } from "./new-schema.js";

describeLedgerStore("memory", async () => createMemoryStore());

describeLedgerStore("PostgreSQL", async () => {
  const { schema, drop } = await newSchema();
  const store = await openPostgresStore(databaseUrl, schema);
  return {
    ...store,
    async close() {
      await store.close();
      await drop();
    },
  };
});
