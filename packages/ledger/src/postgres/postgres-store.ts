import type { Pool } from "pg";
import type { LedgerStore } from "../store.js";
import { transact } from "./connection.js";
import { comparison, type DatabaseIdentity } from "./postgres-database.js";
import { postgresReading } from "./postgres-reading.js";
import { postgresTransaction } from "./postgres-transaction.js";

/** The store in PostgreSQL. `schema` is quoted already; `close` ends what the store was opened with. */
export function createPostgresStore(
  pool: Pool,
  schema: string,
  databaseIdentity: DatabaseIdentity,
  close: () => Promise<void>,
): LedgerStore {
  return {
    transaction: (work, { comparesDatabase = false } = {}) =>
      transact(
        pool,
        "write",
        (queries) => work(postgresTransaction(schema, queries, databaseIdentity)),
        comparesDatabase ? comparison(schema, databaseIdentity) : undefined,
      ),
    read: (work) =>
      transact(pool, "read", (queries) => work(postgresReading(schema, queries, databaseIdentity))),
    close,
  };
}
