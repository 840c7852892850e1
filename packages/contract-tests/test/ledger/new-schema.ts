import { randomUUID } from "node:crypto";
import type {} from "@payapi/dev-services/vitest";
import { migrateLedger } from "@payapi/ledger";
import { type LedgerStore, openPostgresStore } from "@payapi/ledger/internal";
import { Client } from "pg";
import { inject } from "vitest";

export const databaseUrl = inject("databaseUrl");

/** A schema of one's own in the run's database. */
export async function newSchema() {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  await migrateLedger(databaseUrl, { schema });
  return {
    schema,
    drop: async () => {
      await runSql(`DROP SCHEMA "${schema}" CASCADE`);
    },
  };
}

export async function runSql(sql: string, url = databaseUrl) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A PostgreSQL store in a schema of its own, which is dropped when the store closes. */
export async function ownPostgresStore(
  prepare: (schema: string) => Promise<unknown> = async () => {},
): Promise<LedgerStore> {
  const { schema, drop } = await newSchema();
  await prepare(schema);
  const store = await openPostgresStore(databaseUrl, schema);
  return {
    ...store,
    async close() {
      await store.close();
      await drop();
    },
  };
}
