import type { Pool } from "pg";
import type { LedgerStore } from "../port.js";
import { transact } from "./connection.js";
import { checkDatabase } from "./migrate.js";
import { type Database, defaultSchema, openPool, quotedSchema } from "./pool.js";
import { checkDatabaseIdentity, type DatabaseIdentity, postgresDatabase } from "./postgres-database.js";
import { postgresEvents } from "./postgres-events.js";
import { postgresKeys } from "./postgres-keys.js";
import { postgresLimits } from "./postgres-limits.js";
import { postgresOrders } from "./postgres-orders.js";
import { postgresReading } from "./postgres-reading.js";

/** Creates the PostgreSQL store. `schema` is quoted already; `close` closes the pool. */
export function createPostgresStore(
  pool: Pool,
  schema: string,
  databaseIdentity: DatabaseIdentity,
  close: () => Promise<void>,
): LedgerStore {
  return {
    ...postgresOrders(pool, schema, databaseIdentity),
    ...postgresKeys(pool, schema, databaseIdentity),
    ...postgresLimits(pool, schema),
    ...postgresDatabase(pool, schema, databaseIdentity),
    ...postgresEvents(pool, schema),
    read: (work) => transact(pool, "read", (queries) => work(postgresReading(schema, queries))),
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
