import type { LedgerWarning } from "../../commands/warnings.js";
import type { LedgerStore } from "../port.js";
import { checkDatabase } from "./check-database.js";
import { type Database, openPool } from "./connection.js";
import { checkDatabaseIdentity, type DatabaseIdentity } from "./postgres-database.js";
import { createPostgresStore } from "./postgres-store.js";
import { defaultSchema, quotedSchema } from "./schema-name.js";

export interface PostgresStoreOptions {
  /** As for `openLedger`. */
  readonly databaseIdentity?: DatabaseIdentity | undefined;
  /** Told of what should not stay as it is. */
  readonly onWarning?: (warning: LedgerWarning) => void;
}

/** The PostgreSQL store on its own; throws as `openLedger` does. */
export async function openPostgresStore(
  database: Database,
  schema = defaultSchema,
  { databaseIdentity = "server", onWarning = () => {} }: PostgresStoreOptions = {},
): Promise<LedgerStore> {
  const quoted = quotedSchema(schema);
  checkDatabaseIdentity(databaseIdentity);
  const { pool, close } = openPool(database);
  try {
    await checkDatabase(pool, quoted, onWarning);
  } catch (error) {
    await close();
    throw error;
  }
  return createPostgresStore(pool, quoted, databaseIdentity, close);
}
