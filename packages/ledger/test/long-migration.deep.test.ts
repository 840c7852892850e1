import { Client, Pool } from "pg";
import { expect, it, onTestFinished } from "vitest";
import { migrateLedger } from "../src/index.js";
import { migrations } from "../src/postgres/migrations/index.js";
import { databaseUrl, ownDatabase, sql, unusedSchema } from "./database.js";

const newest = migrations.length;

it("takes longer than any payment may, whatever limits the pool has", async () => {
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
  expect(await sql("SELECT DISTINCT * FROM limits", [], url)).toEqual([{ statement: "0", lock: "5s" }]);
});

it("waits for no transaction that does not end, and says what to do", async () => {
  const schema = unusedSchema();
  onTestFinished(async () => {
    await sql(`DROP SCHEMA "${schema}" CASCADE`);
  });
  await sql(`CREATE SCHEMA "${schema}"`);
  await sql(
    `CREATE TABLE "${schema}".migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL)`,
  );
  await sql(migrations[0]?.sql(`"${schema}"`) ?? "");
  await sql(`INSERT INTO "${schema}".migrations VALUES (1, 'first', now())`);

  const backup = new Client({ connectionString: databaseUrl });
  await backup.connect();
  onTestFinished(() => backup.end());
  await backup.query(`BEGIN; SELECT FROM "${schema}".approvals`);
  await expect(migrateLedger(databaseUrl, { schema, lockTimeoutMs: 50 })).rejects.toMatchObject({
    code: "unavailable",
    sqlState: "55P03",
    message: expect.stringContaining("nothing was changed"),
  });
  expect(await sql(`SELECT max(version) AS version FROM "${schema}".migrations`)).toEqual([{ version: 1 }]);

  await backup.query("COMMIT");
  expect(await migrateLedger(databaseUrl, { schema })).toEqual({ from: 1, to: newest });
});

it("lets a second one wait for as long as the first one takes", async () => {
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
  const second = migrateLedger(pool, { schema, lockTimeoutMs: 10 });
  const waiting = `SELECT count(*) FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND objid::bigint = hashtext($1)::bigint & 4294967295
      AND waitstart < clock_timestamp() - interval '50 ms'`;
  await expect
    .poll(async () => (await sql(waiting, [`"${schema}"`]))[0], { timeout: 60_000 })
    .toEqual({ count: "1" });
  await other.query("COMMIT");
  expect(await second).toEqual({ from: 0, to: newest });
});

it.each([0, -1, 1.5, Number.NaN])("refuses to wait %s ms for locks", async (lockTimeoutMs) => {
  await expect(migrateLedger(databaseUrl, { lockTimeoutMs })).rejects.toMatchObject({
    code: "invalid-argument",
  });
});
