import type { Environment } from "@payapi/core";
import type { Pool } from "pg";
import type { LedgerStore } from "../port.js";
import { runAlone, transact } from "./connection.js";
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
    environmentOf: (mid, claimed) => environmentOf(pool, schema, mid, claimed),
    ...postgresOrders(pool, schema, databaseIdentity),
    ...postgresKeys(pool, schema, databaseIdentity),
    ...postgresLimits(pool, schema),
    ...postgresDatabase(pool, schema, databaseIdentity),
    ...postgresEvents(pool, schema),
    read: (work) => transact(pool, "read", (queries) => work(postgresReading(schema, queries))),
    close,
  };
}

async function environmentOf(
  pool: Pool,
  schema: string,
  mid: string,
  claimed?: Environment,
): Promise<Environment | undefined> {
  const inserted =
    claimed === undefined
      ? undefined
      : await runAlone(pool, {
          text: `INSERT INTO ${schema}.merchants (mid, environment) VALUES ($1, $2)
            ON CONFLICT DO NOTHING RETURNING environment`,
          values: [mid, claimed],
          readsOnly: false,
        });
  const read = `SELECT environment FROM ${schema}.merchants WHERE mid = $1`;
  const row = inserted ?? (await runAlone(pool, { text: read, values: [mid], readsOnly: true }));
  return row?.environment as Environment | undefined;
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
