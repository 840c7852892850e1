import type { LedgerStore } from "../store.js";
import { checkDatabase } from "./check-database.js";
import { type Database, openPool } from "./connection.js";
import { createPostgresStore } from "./postgres-store.js";
import { defaultSchema, quotedSchema } from "./schema-name.js";

/** The PostgreSQL store on its own; throws as `openLedger` does. */
export async function openPostgresStore(database: Database, schema = defaultSchema): Promise<LedgerStore> {
  const quoted = quotedSchema(schema);
  const { pool, close } = openPool(database);
  try {
    await checkDatabase(pool, quoted);
  } catch (error) {
    await close();
    throw error;
  }
  return createPostgresStore(pool, quoted, close);
}
