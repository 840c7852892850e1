import type { Pool } from "pg";
import type { LedgerStore, LedgerTransaction } from "../port.js";
import { type Queries, transact } from "./connection.js";
import { checkDatabase } from "./migrate.js";
import { type Database, defaultSchema, openPool, quotedSchema } from "./pool.js";
import {
  checkDatabaseIdentity,
  comparison,
  type DatabaseIdentity,
  postgresDatabase,
} from "./postgres-database.js";
import { postgresEvents } from "./postgres-events.js";
import { postgresKeys } from "./postgres-keys.js";
import { postgresRateLimits, postgresRequests } from "./postgres-limits.js";
import { postgresOrders } from "./postgres-orders.js";
import { postgresReading } from "./postgres-reading.js";

/** Creates the PostgreSQL store. `schema` is quoted already; `close` closes the pool. */
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
    database: postgresDatabase(schema, queries, databaseIdentity),
    events: postgresEvents(schema, queries),
  });
  return {
    ...postgresOrders(pool, schema, databaseIdentity),
    ...postgresKeys(pool, schema, databaseIdentity),
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

export interface PostgresStoreOptions {
  /** As for `openLedger`. */
  readonly databaseIdentity?: DatabaseIdentity | undefined;
  /** As for `openLedger`. */
  readonly allowsStandby?: boolean | undefined;
}

/** Opens the PostgreSQL store without a ledger. Throws as `openLedger` does. */
export async function openPostgresStore(
  database: Database,
  schema = defaultSchema,
  { databaseIdentity = "server", allowsStandby = false }: PostgresStoreOptions = {},
): Promise<LedgerStore> {
  const quoted = quotedSchema(schema);
  checkDatabaseIdentity(databaseIdentity);
  const { pool, close } = openPool(database);
  try {
    await checkDatabase(pool, quoted, allowsStandby);
  } catch (error) {
    await close();
    throw error;
  }
  return createPostgresStore(pool, quoted, databaseIdentity, close);
}
