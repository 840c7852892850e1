import type { LedgerStore } from "../store.js";
import { checkDatabase } from "./check-database.js";
import { type Database, openPool } from "./connection.js";
import { checkDatabaseIdentity, type DatabaseIdentity } from "./postgres-database.js";
import { createPostgresStore } from "./postgres-store.js";
import { defaultSchema, quotedSchema } from "./schema-name.js";

/** The PostgreSQL store on its own; throws as `openLedger` does. */
export async function openPostgresStore(
  database: Database,
  schema = defaultSchema,
  databaseIdentity: DatabaseIdentity = "server",
): Promise<LedgerStore> {
  const quoted = quotedSchema(schema);
  checkDatabaseIdentity(databaseIdentity);
  const { pool, close } = openPool(database);
  try {
    await checkDatabase(pool, quoted);
  } catch (error) {
    await close();
    throw error;
  }
  return createPostgresStore(pool, quoted, databaseIdentity, close);
}
