import { startLocalPostgres } from "@payapi/dev-services/postgres";
import { expect, it, onTestFinished } from "vitest";
import { migrateLedger, openLedger } from "../src/index.js";
import { payapi, sql } from "./database.js";

const order = { orderId: "order-1", price: 1_000, payType: "card" };

async function server() {
  const postgres = await startLocalPostgres();
  onTestFinished(() => postgres.stop());
  await migrateLedger(postgres.url);
  return postgres.url;
}

async function open(database: string, options: { allowsStandby?: boolean } = {}) {
  const ledger = await openLedger({
    payapi,
    database,
    maxPauseMs: 60_000,
    settleRetryMs: 0,
    closeTimeoutMs: 0,
    ...options,
  });
  onTestFinished(() => ledger.close());
  return ledger;
}

async function sent(ledger: Awaited<ReturnType<typeof open>>, orderId: string) {
  const reservation = await ledger.store.reserveApproval({ ...order, orderId });
  if (reservation.status !== "reserved") throw new Error("Refused");
  await ledger.store.markSending(reservation.call);
  return reservation.call;
}

/** A standby with everything that the server had at its checkpoint: nothing is written meanwhile, so its data is whole. */
async function standbyOf(database: string) {
  const [row] = await sql("SELECT current_setting('data_directory') AS folder", [], database);
  await sql("CHECKPOINT", [], database);
  const copy = await startLocalPostgres({ copyOf: String(row?.folder), standby: true });
  onTestFinished(() => copy.stop());
  const { username, password } = new URL(database);
  return Object.assign(new URL(copy.url), { username, password }).href;
}

it("a ledger on a standby reads every report, and refuses to reserve, settle and resolve", async () => {
  const database = await server();
  const primary = await open(database);
  const call = await sent(primary, "order-1");
  await primary.store.settle(call, { outcome: "unknown" });

  const standby = await standbyOf(database);
  await expect(open(standby)).rejects.toMatchObject({
    code: "unsafe-database",
    message: expect.stringContaining("allowsStandby"),
  });
  const ledger = await open(standby, { allowsStandby: true });
  expect(await ledger.payments.find("order-1")).toMatchObject({ status: "unknown" });
  expect(await ledger.payments.list()).toHaveLength(1);
  expect(await ledger.payments.timeline("order-1")).toHaveLength(3);
  expect(await ledger.payments.needsReview()).toMatchObject([{ orderId: "order-1" }]);
  expect(await ledger.payments.overdueAccounts()).toEqual([]);
  expect(await ledger.notifications.list()).toEqual([]);
  expect(await ledger.events.consumers()).toEqual([]);
  await expect(ledger.store.reserveApproval({ ...order, orderId: "order-2" })).rejects.toMatchObject({
    code: "unsafe-database",
  });
  for (const change of [
    () => ledger.store.settle(call, { outcome: "succeeded", tid: "t1", price: 1_000 }),
    () =>
      ledger.payments.resolve("order-1", { outcome: "moved", tid: "t1", actor: "kim", evidence: "console" }),
  ]) {
    await expect(change()).rejects.toMatchObject({ message: expect.stringContaining("standby") });
  }
});

it("a standby that is promoted without the last payment is refused until it is accepted, and adopts the payment", async () => {
  const database = await server();
  const primary = await open(database);
  await primary.store.settle(await sent(primary, "kept"), { outcome: "succeeded", tid: "T1", price: 1_000 });
  const standby = await standbyOf(database);
  // The standby is behind by this one.
  const lost = await sent(primary, "lost");
  await primary.store.settle(lost, { outcome: "succeeded", tid: "T2", price: 1_000 });
  await sql("SELECT pg_promote()", [], standby);

  const warned: string[] = [];
  const promoted = await openLedger({
    payapi,
    database: standby,
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
    logger: ({ code }) => void warned.push(code),
  });
  onTestFinished(() => promoted.close());
  expect(warned).toEqual(["database-changed"]);
  const again = { ...order, orderId: "lost" };
  await expect(promoted.store.reserveApproval(again)).rejects.toMatchObject({ code: "database-changed" });
  const { seen, compareFrom } = await promoted.operations.database();
  expect(Number(compareFrom)).toBeLessThan(Date.now());
  const transactions = [
    { status: "approved", oid: "kept-1", tid: "T1", price: 1_000, payType: "card" },
    { status: "approved", oid: lost.oid, tid: "T2", price: 1_000, payType: "card" },
  ] as const;
  const compared = await promoted.operations.compareTransactions(transactions);
  expect(compared.map(({ finding }) => finding)).toEqual(["known", "adopted"]);
  await promoted.operations.acceptDatabase({ actor: "kim", evidence: "console", seen, transactions });
  expect(await promoted.store.reserveApproval(again)).toMatchObject({ reason: "already-paid" });
  expect(await promoted.store.reserveApproval(order)).toMatchObject({ status: "reserved" });
});

it("a ledger refuses new work at once while commits hang, and leaves few sessions behind", async () => {
  const database = await server();
  const ledger = await open(database);
  const standbyNames = async (names: string) => {
    await sql(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`, [], database);
    await sql("SELECT pg_reload_conf()", [], database);
    await expect
      .poll(() => sql("SHOW synchronous_standby_names", [], database), { timeout: 30_000 })
      .toEqual([{ synchronous_standby_names: names }]);
  };
  const reserve = (orderId: string) =>
    ledger.store.reserveApproval({ ...order, orderId }).then(
      () => "reserved",
      ({ code }: { code: string }) => code,
    );
  const sessions = () =>
    sql("SELECT FROM pg_stat_activity WHERE application_name = 'payapi-ledger'", [], database);
  // Every commit waits for a standby that is away.
  await standbyNames("away");
  const buyers = (name: string) => Promise.all(Array.from({ length: 24 }, (_, n) => reserve(`${name}-${n}`)));
  expect(new Set(await buyers("first"))).toEqual(new Set(["unavailable"]));
  // One of them asks whether the database answers again; the others are refused at once.
  const asking = buyers("second");
  expect(await reserve("third")).toBe("unavailable");
  expect(new Set(await asking)).toEqual(new Set(["unavailable"]));
  expect((await sessions()).length).toBeLessThanOrEqual(2);
  await standbyNames("");
  await expect.poll(() => reserve("fourth"), { timeout: 60_000 }).toBe("reserved");
}, 120_000);
