import { randomUUID } from "node:crypto";
import type {} from "@payapi/dev-services/vitest";
import { Client } from "pg";
import { inject, onTestFinished } from "vitest";
import { type Ledger, migrateLedger } from "../src/index.js";
import { openTimedLedger, type TimedLedgerOptions } from "../src/internal.js";

export const databaseUrl = inject("databaseUrl");
export const payapi = { mid: "testmid", environment: "sandbox" } as const;

export async function sql(text: string, values: unknown[] = [], url = databaseUrl) {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows;
  } finally {
    await client.end();
  }
}

export const unusedSchema = () => `test_${randomUUID().replaceAll("-", "")}`;

/** A separate empty database, for tests that would disturb others; dropped at the end of the test. */
export async function ownDatabase(): Promise<string> {
  const name = unusedSchema();
  await sql(`CREATE DATABASE "${name}"`);
  onTestFinished(async () => {
    await sql(`DROP DATABASE "${name}" WITH (FORCE)`);
  });
  return Object.assign(new URL(databaseUrl), { pathname: `/${name}` }).href;
}

/** A migrated schema of one's own, and ledgers in it; all gone at the end of the test. */
export async function ownSchema() {
  const schema = unusedSchema();
  await migrateLedger(databaseUrl, { schema });
  const ledgers: Ledger[] = [];
  onTestFinished(async () => {
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  return {
    schema,
    async ledger(options: TimedLedgerOptions = {}, database = databaseUrl): Promise<Ledger> {
      // A busy machine must not look like a frozen one; only tests about pauses set a limit.
      const ledger = await openTimedLedger({
        payapi,
        database,
        schema,
        maxPauseMs: 60_000,
        closeTimeoutMs: 0,
        ...options,
      });
      ledgers.push(ledger);
      return ledger;
    },
  };
}

/** A session of its own, as another process has one. */
export async function session(): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

/** Resolves once another session waits for a lock that this one holds. */
export async function waitedFor(client: Client): Promise<void> {
  const pid = (await client.query("SELECT pg_backend_pid() AS pid")).rows[0].pid;
  const blocked = "SELECT FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))";
  while ((await sql(blocked, [pid])).length === 0);
}
