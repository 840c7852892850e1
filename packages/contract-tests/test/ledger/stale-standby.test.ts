import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateLedger } from "@payapi/ledger";
import { openTimedLedger } from "@payapi/ledger/internal";
import { startSandbox } from "@payapi/sandbox";
import { expect, it, onTestFinished } from "vitest";
import { expectOrder, expectProblem, json } from "../../src/handler/expect.js";
import type { WireAnswer } from "../../src/handler/mount.js";
import { startPlain } from "../../src/handler/plain-mount.js";
import { ledgerSecrets, sandboxPayApi } from "../../src/handler/shop.js";
import { shopOrigin } from "../../src/handler/shop-orders.js";
import { at, goodCard } from "../../src/handler/world.js";
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
  const sequences = await runSql(
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'payapi' ORDER BY 1",
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
    expect(line).toMatchObject({ level: "error", code: "database-changed" });
  const later = await ledger(urls.standby, 2 * 60_000);
  expect(await later.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
  expect(await everythingIn(urls.standby)).toEqual(atPromotion);
  expect(sandbox.book.requests).toHaveLength(asked);

  const { seen } = await later.operations.database();
  await later.operations.acceptDatabase({
    actor: "kim",
    evidence: "console compared, lost payments refunded",
    seen,
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
