import { readFile } from "node:fs/promises";
import pg from "pg";

const schemaFile = new URL("../../schema.sql", import.meta.url);

/** Creates the shop's own tables if they are missing. */
export async function migrateShop(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext('demo_shop.schema'))");
    await client.query(await readFile(schemaFile, "utf8"));
    await client.query("commit");
  } finally {
    await client.end();
  }
}
