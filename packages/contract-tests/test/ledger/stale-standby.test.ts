import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConsoleTransaction, type DatabaseAcceptance, migrateLedger } from "@payapi/ledger";
import { openTimedLedger } from "@payapi/ledger/internal";
import { startSandbox } from "@payapi/sandbox";
import { expect, it, onTestFinished } from "vitest";
import { at, goodCard } from "../../src/handler/client.js";
import { expectOrder, expectProblem, json } from "../../src/handler/expect.js";
import type { WireAnswer } from "../../src/handler/mount.js";
import { startPlain } from "../../src/handler/plain-mount.js";
import { ledgerSecrets, sandboxPayApi } from "../../src/handler/shop.js";
import { shopOrigin } from "../../src/handler/shop-orders.js";
import { databaseUrl, runSql } from "./new-schema.js";

const buyer = { buyerName: "홍길동" };
const { registNo: _registNo, passwd: _passwd, ...plainCard } = goodCard;
const urlOf = (database: string) => Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href;

/** A gateway, and two databases: the standby has what the primary had when `copy` was called, and nothing newer. */
async function primaryAndStandby() {
  const [primary, standby] = [randomUUID(), randomUUID()].map((id) => `test_${id.replaceAll("-", "")}`);
  const folder = await mkdtemp(join(tmpdir(), "payapi-standby-"));
  const sandbox = await startSandbox({ port: 0 });
  onTestFinished(async () => {
    await sandbox.close();
    for (const name of [standby, primary]) await runSql(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
    await rm(folder, { recursive: true });
  });
  await runSql(`CREATE DATABASE "${primary}"`);
  await migrateLedger(urlOf(`${primary}`));
  return {
    sandbox,
    urls: { primary: urlOf(`${primary}`), standby: urlOf(`${standby}`) },
    copy: () => runSql(`CREATE DATABASE "${standby}" TEMPLATE "${primary}"`),
    async shop(database: string) {
      const LOG_FILE = join(folder, randomUUID());
      await writeFile(LOG_FILE, "");
      const mount = await startPlain({
        SANDBOX_URL: sandbox.url,
        DATABASE_URL: database,
        LEDGER_SCHEMA: "payapi",
        LOG_FILE,
      });
      let isOpen = true;
      const close = async () => {
        if (isOpen) await mount.close();
        isOpen = false;
      };
      onTestFinished(close);
      const ask = (
        method: string,
        path: string,
        body: object,
        as = "alice",
        key?: string,
      ): Promise<WireAnswer> =>
        mount.send({
          method,
          path,
          headers: {
            "content-type": "application/json",
            origin: shopOrigin,
            "x-test-user": as,
            ...(key === undefined ? {} : { "idempotency-key": key }),
          },
          body: JSON.stringify(body),
        });
      return {
        ask,
        pay: (orderId: string, key?: string) =>
          ask("POST", at(orderId, "card-approval"), goodCard, "alice", key),
        log: async () =>
          (await readFile(LOG_FILE, "utf8"))
            .trim()
            .split("\n")
            .map((line) => JSON.parse(line)),
        close,
      };
    },
    async ledger(database: string, aheadMs = 0) {
      const ledger = await openTimedLedger({
        payapi: sandboxPayApi(sandbox.url),
        database,
        secrets: ledgerSecrets,
        maxPauseMs: 60_000,
        closeTimeoutMs: 0,
        clock: () => new Date(Date.now() + aheadMs),
      });
      onTestFinished(() => ledger.close());
      return ledger;
    },
  };
}

/** Every row of the ledger, and its sequences. Rate-limit counters are compared by their sum: a refused try is counted and released. */
async function everythingIn(database: string) {
  const tables = await runSql(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'payapi' ORDER BY 1",
    database,
  );
  const rows: Record<string, unknown> = {};
  for (const { name } of tables.filter(({ name }) => name !== "rate_limits")) {
    rows[name] = await runSql(
      `SELECT to_jsonb(t)::text AS row FROM payapi."${name}" AS t ORDER BY 1`,
      database,
    );
  }
  // Every process tries to write the event of the replaced database, and one does.
  const sequences = await runSql(
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'payapi' AND sequencename <> 'event_positions' ORDER BY 1",
    database,
  );
  const [counted] = await runSql(
    "SELECT coalesce(sum(count), 0)::int AS sum FROM payapi.rate_limits",
    database,
  );
  return { rows, sequences, counted: counted?.sum };
}

it("a standby that lacks the last payments makes no charge and writes nothing until it is accepted", async () => {
  const { sandbox, urls, copy, shop, ledger } = await primaryAndStandby();
  const [kept, lost, stuck, fresh] = ["kept", "lost", "stuck", "fresh"].map(
    (name) => `o-15000-alice-${name}`,
  ) as [string, string, string, string];

  const before = await shop(urls.primary);
  expectOrder(await before.pay(kept), { status: "paid" });
  const issued = await before.ask("POST", "/payments/billing-keys", { ...buyer, ...plainCard });
  const keyPath = `/payments/billing-keys/${json(issued).id}`;
  await before.close();
  const primary = await ledger(urls.primary);
  const reservation = await primary.store.reserveApproval({ orderId: stuck, price: 15_000, payType: "card" });
  if (reservation.status !== "reserved") throw new Error(reservation.reason);
  await primary.close();

  await copy();

  // The standby lacks `lost` completely, and that `stuck` was sent and paid.
  const last = await shop(urls.primary);
  expectOrder(await last.pay(lost), { status: "paid" });
  await last.close();
  const paying = await ledger(urls.primary);
  await paying.store.markSending(reservation.call);
  await paying.store.settle(reservation.call, { outcome: "succeeded", tid: "T-stuck", price: 15_000 });
  await paying.close();

  const promoted = await shop(urls.standby);
  const asked = sandbox.book.requests.length;
  const atPromotion = await everythingIn(urls.standby);
  const answers = [
    await promoted.pay(lost),
    await promoted.pay(lost, "buyer-clicked-again"),
    await promoted.pay(fresh),
    await promoted.ask("POST", at(fresh, "charge"), { billingKeyId: json(issued).id }),
    await promoted.ask("POST", at(fresh, "payment-link"), { payType: "card" }),
    await promoted.ask("POST", at(kept, "cancel"), {}, "staff"),
    await promoted.ask(
      "POST",
      at(kept, "partial-cancel"),
      { cancelPrice: 5_000, confirmPrice: 10_000 },
      "staff",
    ),
    await promoted.ask("POST", "/payments/billing-keys", { ...buyer, ...plainCard }),
    await promoted.ask("PUT", keyPath, { ...buyer, ...plainCard }),
    await promoted.ask("DELETE", keyPath, {}),
  ];
  for (const answer of answers) {
    expectProblem(answer, 503, "ledger-unavailable");
    expect(answer.headers["retry-after"]).toBe("5");
  }
  for (const line of await promoted.log())
    expect(line).toMatchObject({ level: "error", code: "ledger-failed", reason: "database-changed" });
  const later = await ledger(urls.standby, 2 * 60_000);
  expect(await later.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
  expect(await everythingIn(urls.standby)).toEqual(atPromotion);
  expect(sandbox.book.requests).toHaveLength(asked);

  const { seen } = await later.operations.database();
  await later.operations.acceptDatabase({
    actor: "kim",
    evidence: "console compared, lost payments refunded",
    seen,
    transactions: [],
  });
  // `fresh` gets its first order number, `kept` can be cancelled, and `stuck` is locked: the standby cannot tell whether it was charged.
  expectOrder(await promoted.pay(fresh), { status: "paid" });
  expect((await later.payments.find(fresh))?.oid).toMatch(/-1$/);
  expectOrder(await promoted.ask("POST", at(kept, "cancel"), {}, "staff"), { status: "cancelled" });
  expect(await later.operations.recover()).toMatchObject({ notSent: 0, unknown: 1 });
  expect(await later.payments.needsReview()).toMatchObject([
    { orderId: stuck, oid: reservation.call.oid, state: "unknown" },
  ]);
  expectProblem(await promoted.pay(stuck), 409, "outcome-unknown");
});

/** The gateway's console, as an operator exports it. */
function consoleOf({ book }: Awaited<ReturnType<typeof startSandbox>>): ConsoleTransaction[] {
  return book.transactions.flatMap(({ oid, tid, payType, price, cancels }) => [
    { status: "approved" as const, oid, tid, payType, price },
    ...cancels.map((cancel) => ({
      status: "cancelled" as const,
      oid,
      tid,
      payType,
      price: cancel.price,
    })),
  ]);
}

/** A promoted standby that lacks whole payments, and a cancel. */
async function promotedBehind(numbers: readonly string[]) {
  const { sandbox, urls, copy, shop, ledger } = await primaryAndStandby();
  const cancelled = "o-15000-alice-cancelled";
  const before = await shop(urls.primary);
  expectOrder(await before.pay(cancelled), { status: "paid" });
  await before.close();
  await copy();
  const last = await shop(urls.primary);
  const lost = numbers.map((number) => `o-15000-alice-lost${number}`);
  for (const orderId of lost) expectOrder(await last.pay(orderId), { status: "paid" });
  expectOrder(await last.ask("POST", at(cancelled, "cancel"), {}, "staff"), { status: "cancelled" });
  await last.close();
  const operator = await ledger(urls.standby);
  const { seen } = await operator.operations.database();
  const charged = (orderId: string) =>
    sandbox.book.transactions.filter(({ oid }) => oid.startsWith(`${orderId}-`)).length;
  return { sandbox, lost, cancelled, operator, seen, charged, promoted: await shop(urls.standby) };
}

it("accepting a stale standby with the console's transactions adopts the lost payments, and none is charged twice", async () => {
  const { sandbox, lost, cancelled, operator, seen, charged, promoted } = await promotedBehind([
    "1",
    "2",
    "3",
  ]);
  const transactions = consoleOf(sandbox);
  // Buyers retry while nobody has accepted it.
  for (const orderId of lost) expectProblem(await promoted.pay(orderId), 503, "ledger-unavailable");

  const compared = await operator.operations.compareTransactions(transactions);
  expect(compared.map(({ orderId, finding }) => [orderId, finding])).toEqual([
    [cancelled, "locked"],
    ...lost.map((orderId) => [orderId, "adopted"]),
  ]);
  expect(await operator.payments.find(lost[0] ?? "")).toBeUndefined();

  const acceptance = { actor: "kim", evidence: "console export of 09:20", seen, transactions };
  expect(await operator.operations.acceptDatabase(acceptance)).toMatchObject({ accepted: true });
  for (const orderId of lost) {
    expect(await operator.payments.find(orderId)).toMatchObject({ status: "paid", remainingPrice: 15_000 });
    expect(await operator.payments.balance(orderId)).toEqual({ gateway: 15_000, paid: 15_000, suspense: 0 });
    expect(await operator.payments.timeline(orderId)).toContainEqual(
      expect.objectContaining({ to: "approved", actor: "kim", evidence: "console export of 09:20" }),
    );
    expectProblem(await promoted.pay(orderId), 409, "already-paid");
    expect(charged(orderId)).toBe(1);
  }
  // It is paid in the standby, and the console says that the money went back.
  expect((await operator.payments.find(cancelled))?.status).toBe("needs-review");
  expect((await operator.payments.balance(cancelled)).gateway).toBe(0);
  // An adopted payment can be cancelled like any other.
  expectOrder(await promoted.ask("POST", at(`${lost[0]}`, "cancel"), {}, "staff"), { status: "cancelled" });
  // Compared again, nothing is missing.
  const again = await operator.operations.compareTransactions(consoleOf(sandbox));
  expect(again.map(({ finding }) => finding)).toEqual(["known", "known", "known", "known"]);
});

it("accepting a stale standby without a comparison must be said, and a lost payment's order is locked when its number is used again", async () => {
  const { lost, operator, seen, charged, promoted } = await promotedBehind(["1"]);
  const [orderId = ""] = lost;
  const note = { actor: "kim", evidence: "in a hurry", seen };
  await expect(operator.operations.acceptDatabase(note as DatabaseAcceptance)).rejects.toMatchObject({
    code: "invalid-argument",
    message: expect.stringContaining("not-compared"),
  });
  expect(await operator.operations.database()).toMatchObject({ accepted: false });
  expect(await operator.operations.acceptDatabase({ ...note, transactions: "not-compared" })).toMatchObject({
    accepted: true,
    evidence: "not compared: in a hurry",
  });
  await promoted.pay(orderId);
  expect(await operator.payments.find(orderId)).toMatchObject({ status: "unknown", oid: `${orderId}-1` });
  expectProblem(await promoted.pay(orderId), 409, "outcome-unknown");
  expect(charged(orderId)).toBe(1);
});
