import { expect, it, onTestFinished } from "vitest";
import { type DatabaseIdentity, migrateLedger, openLedger } from "../src/index.js";
import { ownDatabase, payapi, sql } from "./database.js";

/** From now on it hides its timeline, with the error message of Amazon Aurora. */
async function makeSilent(url: string) {
  await sql(
    `SET allow_system_table_mods = on;
     ALTER FUNCTION pg_catalog.pg_current_wal_lsn() RENAME TO pg_current_wal_lsn_of_others;
     CREATE FUNCTION pg_catalog.pg_current_wal_lsn() RETURNS pg_lsn LANGUAGE plpgsql AS $$ BEGIN
       RAISE EXCEPTION USING ERRCODE = '55000', MESSAGE = 'wal_level must be set to ''logical''';
     END $$;
     -- Sessions of before have planned their statements with the other one.
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
    [],
    url,
  );
}

async function silentDatabase() {
  const url = await ownDatabase();
  await makeSilent(url);
  return url;
}

async function open(database: string, databaseIdentity: DatabaseIdentity) {
  const ledger = await openLedger({
    payapi,
    database,
    databaseIdentity,
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
  });
  onTestFinished(() => ledger.close());
  return ledger;
}

const order = { orderId: "order-1", price: 1_000, payType: "card" };

it("a ledger names the missing right or setting if the server hides its timeline", async () => {
  const database = await silentDatabase();
  const refused = { code: "unsafe-database", message: expect.stringContaining('databaseIdentity: "tables"') };
  await expect(migrateLedger(database)).rejects.toMatchObject(refused);
  await migrateLedger(database, { databaseIdentity: "tables" });
  await expect(openLedger({ payapi, database })).rejects.toMatchObject(refused);
});

it("a ledger works without the timeline, and still detects other tables", async () => {
  const database = await silentDatabase();
  await migrateLedger(database, { databaseIdentity: "tables" });
  const ledger = await open(database, "tables");
  const reservation = await ledger.store.reserveApproval(order);
  if (reservation.status !== "reserved") throw new Error("Refused");
  await sql("ALTER TABLE payapi.approvals RENAME TO kept", [], database);
  await sql("CREATE TABLE payapi.approvals (LIKE payapi.kept INCLUDING ALL)", [], database);
  await sql("INSERT INTO payapi.approvals OVERRIDING SYSTEM VALUE SELECT * FROM payapi.kept", [], database);
  expect(await ledger.operations.database()).toMatchObject({ accepted: false });
  await expect(ledger.store.markSending(reservation.call)).rejects.toMatchObject({
    code: "database-changed",
  });

  await sql("DROP TABLE payapi.approvals; ALTER TABLE payapi.kept RENAME TO approvals", [], database);
  await ledger.store.markSending(reservation.call);
});

it("a ledger treats a change of databaseIdentity as another database", async () => {
  const database = await ownDatabase();
  await migrateLedger(database);
  expect(await (await open(database, "tables")).operations.database()).toMatchObject({ accepted: false });
});

it("a ledger names the missing right or setting if the server starts to hide its timeline, and still settles", async () => {
  const database = await ownDatabase();
  await migrateLedger(database);
  const ledger = await open(database, "server");
  const reservation = await ledger.store.reserveApproval(order);
  if (reservation.status !== "reserved") throw new Error("Refused");
  await makeSilent(database);
  const refused = { code: "unsafe-database", message: expect.stringContaining('databaseIdentity: "tables"') };
  await expect(ledger.store.reserveApproval({ ...order, orderId: "order-2" })).rejects.toMatchObject(refused);
  await expect(ledger.store.markSending(reservation.call)).rejects.toMatchObject(refused);
  expect((await ledger.store.settle(reservation.call, { outcome: "not-sent" })).status).toBe("not-sent");
});

it("a ledger rejects an unknown databaseIdentity", async () => {
  const database = await ownDatabase();
  const databaseIdentity = "none" as DatabaseIdentity;
  const refused = { code: "invalid-argument" };
  await expect(migrateLedger(database, { databaseIdentity })).rejects.toMatchObject(refused);
  await expect(openLedger({ payapi, database, databaseIdentity })).rejects.toMatchObject(refused);
});
