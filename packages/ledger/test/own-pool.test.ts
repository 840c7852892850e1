import { Pool, type PoolConfig } from "pg";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { migrateLedger, openLedger } from "../src/index.js";
import { databaseUrl, ownSchema, payapi, sql } from "./database.js";

/** A pool as a merchant has it, and ledgers on it. */
async function setUp(settings: PoolConfig = {}) {
  const { schema } = await ownSchema();
  const pool = new Pool({ connectionString: databaseUrl, max: 2, application_name: schema, ...settings });
  onTestFinished(() => pool.end());
  const open = () => openLedger({ payapi, database: pool, schema, maxPauseMs: 60_000 });
  return { schema, pool, open };
}

describe("a merchant's own pool", () => {
  it("has an error listener while a ledger is open, so that a broken idle connection does not end the process", async () => {
    const { schema, pool, open } = await setUp();
    const [ledger, another] = [await open(), await open()];
    const broken = new Promise((resolve) => pool.once("remove", resolve));
    await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", [schema]);
    await broken;
    expect(await ledger.payments.find("a")).toBeUndefined();

    await ledger.close();
    await ledger.close();
    expect(pool.listenerCount("error")).toBe(1);
    await another.close();
    expect(pool.listenerCount("error")).toBe(0);
  });

  it("has no error listener after opening failed", async () => {
    const { pool } = await setUp();
    await expect(openLedger({ payapi, database: pool, schema: "nowhere" })).rejects.toThrow();
    expect(pool.listenerCount("error")).toBe(0);
  });

  it("keeps commits durable despite its settings", async () => {
    const faster = "-c synchronous_commit=off";
    const { schema, open } = await setUp({ options: faster });
    const ledger = await open();
    // The rows of a reservation show the settings under which they were written.
    await sql(`CREATE TABLE "${schema}".settings AS SELECT '' AS durable LIMIT 0`);
    await sql(`CREATE FUNCTION "${schema}".tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO "${schema}".settings VALUES (current_setting('synchronous_commit'));
      RETURN NEW; END $$`);
    await sql(`CREATE TRIGGER tell BEFORE INSERT ON "${schema}".approvals
      FOR EACH ROW EXECUTE FUNCTION "${schema}".tell()`);
    await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
    expect(await sql(`SELECT * FROM "${schema}".settings`)).toEqual([{ durable: "on" }]);
  });

  it("has the same limits for reads of several statements", async () => {
    const { schema, pool, open } = await setUp({ options: "-c statement_timeout=0" });
    const notices: (string | undefined)[] = [];
    pool.on("connect", (client) => client.on("notice", ({ message }) => notices.push(message)));
    const ledger = await open();
    await ledger.store.reserveApproval({ orderId: "a", price: 1_000, payType: "card" });
    await sql(`CREATE FUNCTION "${schema}".tell() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      RAISE NOTICE '% %', current_setting('statement_timeout'),
        current_setting('idle_in_transaction_session_timeout');
      RETURN true; END $$`);
    await sql(`ALTER TABLE "${schema}".approvals RENAME TO kept`);
    await sql(`CREATE VIEW "${schema}".approvals AS SELECT * FROM "${schema}".kept WHERE "${schema}".tell()`);
    expect(await ledger.payments.list()).toMatchObject([{ orderId: "a" }]);
    expect(new Set(notices)).toEqual(new Set(["10s 15s"]));
  });

  it("is waited for 10 s, and a later connection is released", async () => {
    const { pool, open } = await setUp({ max: 1 });
    const ledger = await open();
    const taken = await pool.connect();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const found = ledger.payments.find("a").catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await found).toMatchObject({ code: "unavailable" });
    vi.useRealTimers();
    taken.release();
    expect(await ledger.payments.find("a")).toBeUndefined();
    expect(pool.idleCount).toBe(1);
  });
});

it.each([undefined, "", null])("a missing database is reported: %s", async (missing) => {
  const database = missing as unknown as string;
  const failure = { code: "invalid-argument", message: expect.stringContaining("postgres://") };
  await expect(openLedger({ payapi, database })).rejects.toMatchObject(failure);
  await expect(migrateLedger(database)).rejects.toMatchObject(failure);
});
