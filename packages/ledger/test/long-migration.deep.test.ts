import { Client, Pool } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { migrateLedger } from "../src/index.js";
import { databaseUrl, ownDatabase, sql, unusedSchema } from "./database.js";

const newest = 1;

it("a migration may run longer than any payment, despite the pool's limits", async () => {
  const url = await ownDatabase();
  // Every statement that changes tables is slow, and tells under which limits it runs.
  await sql("CREATE TABLE limits AS SELECT '' AS statement, '' AS lock LIMIT 0", [], url);
  await sql(
    `CREATE FUNCTION tell() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
       INSERT INTO public.limits VALUES (current_setting('statement_timeout'), current_setting('lock_timeout'));
       PERFORM pg_sleep(0.02); END $$`,
    [],
    url,
  );
  await sql("CREATE EVENT TRIGGER tell ON ddl_command_start EXECUTE FUNCTION tell()", [], url);
  const pool = new Pool({ connectionString: url, query_timeout: 100, options: "-c statement_timeout=100" });
  onTestFinished(() => pool.end());
  expect(await migrateLedger(pool)).toEqual({ from: 0, to: newest });
  expect(await sql("SELECT DISTINCT * FROM limits", [], url)).toEqual([{ statement: "0", lock: "0" }]);
});

it("a second migration waits until the first one ends", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
  });
  const other = new Client({ connectionString: databaseUrl });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query(
    `BEGIN; SELECT pg_advisory_xact_lock(hashtext('payapi ledger'), hashtext('"${schema}"'))`,
  );
  const pool = new Pool({ connectionString: databaseUrl, options: "-c lock_timeout=10" });
  onTestFinished(() => pool.end());
  const second = migrateLedger(pool, { schema });
  const waiting = `SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = hashtext($1)::bigint & 4294967295
      AND waitstart < clock_timestamp() - interval '50 ms'`;
  await expect
    .poll(async () => (await sql(waiting, [`"${schema}"`]))[0], { timeout: 60_000 })
    .toEqual({ count: "1" });
  await other.query("COMMIT");
  expect(await second).toEqual({ from: 0, to: newest });
});
