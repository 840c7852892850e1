import type { Pool } from "pg";
import type { LedgerStore, LedgerTransaction } from "../port.js";
import { type Queries, transact } from "./connection.js";
import { comparison, type DatabaseIdentity, postgresDatabase } from "./postgres-database.js";
import { postgresEvents } from "./postgres-events.js";
import { postgresKeys } from "./postgres-keys.js";
import { postgresOrders } from "./postgres-orders.js";
import { postgresRateLimits } from "./postgres-rate-limits.js";
import { postgresReading } from "./postgres-reading.js";
import { postgresRequests } from "./postgres-requests.js";

/** The store in PostgreSQL. `schema` is quoted already; `close` ends what the store was opened with. */
export function createPostgresStore(
  pool: Pool,
  schema: string,
  databaseIdentity: DatabaseIdentity,
  close: () => Promise<void>,
): LedgerStore {
  const writing = (queries: Queries): LedgerTransaction => ({
    ...postgresReading(schema, queries, databaseIdentity),
    rateLimits: postgresRateLimits(schema, queries),
    requests: postgresRequests(schema, queries),
    keys: postgresKeys(schema, queries),
    database: postgresDatabase(schema, queries, databaseIdentity),
    events: postgresEvents(schema, queries),
  });
  return {
    ...postgresOrders(pool, schema, databaseIdentity),
    transaction: (work, { comparesDatabase = false } = {}) =>
      transact(
        pool,
        "write",
        (queries) => work(writing(queries)),
        comparesDatabase ? comparison(schema, databaseIdentity) : undefined,
      ),
    read: (work) =>
      transact(pool, "read", (queries) => work(postgresReading(schema, queries, databaseIdentity))),
    close,
  };
}
