import { randomUUID } from "node:crypto";
import type {} from "@payapi/dev-services/vitest";
import { migrateLedger } from "@payapi/ledger";
import { Client } from "pg";
import { inject } from "vitest";

export const databaseUrl = inject("databaseUrl");

/** A schema of one's own in the run's database. */
export async function newSchema() {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  await migrateLedger(databaseUrl, { schema });
  return { schema, drop: () => runSql(`DROP SCHEMA "${schema}" CASCADE`) };
}

async function runSql(sql: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
