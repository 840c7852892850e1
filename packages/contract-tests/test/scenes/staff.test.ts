import { describe, expect, it } from "vitest";
import type { SceneShop } from "../../src/scenes/scene-shop.js";
import { databaseUrl, runSql } from "../ledger/new-schema.js";
import { onPostgres, sceneMounts } from "./on-postgres.js";

const who = { actor: "kim", evidence: "console, list of all payments of the day" };
const minute = 60_000;

/** An order whose payment was carried out, and whose reply was lost. */
async function unknownPayment(shop: SceneShop): Promise<{ id: string; tid: string }> {
  const id = shop.order();
  shop.sandbox.faults.next("reset-after-commit");
  await shop.pay(id);
  return { id, tid: shop.atGateway(id)[0]?.tid ?? "" };
}

describe.each(sceneMounts)("the staff of a shop in %s", (mount) => {
  it("that gave a part back in the console is refused further cancels of the ledger's amounts, and no more money goes back", async () => {
    const shop = await onPostgres({ mount });
    const id = shop.order();
    await shop.pay(id);
    const [{ tid = "" } = {}] = shop.atGateway(id);
    const part = { payType: "card", tid, cancelPrice: 5_000, confirmPrice: 10_000 } as const;
    await shop.payapi.payments.cancelPartially(part);
    // The shop's ledger does not know it: the gateway compares the remaining amount, and refuses.
    expect((await shop.cancelPart(id, 12_000, 3_000)).status).toBe(409);
    expect((await shop.cancel(id)).body).toMatchObject({ code: "cancel-refused" });
    expect(shop.atGateway(id)).toMatchObject([{ remaining: 10_000, cancels: [{ price: 5_000 }] }]);
    expect(shop.logged.map(({ code, kind }) => [code, kind])).toEqual([
      ["call-refused", "cancel"],
      ["call-refused", "cancel"],
    ]);
  });

  it("that mistypes a transaction corrects it, and the refund reaches the right payment", async () => {
    let now = new Date();
    const shop = await onPostgres({ mount, ledger: { clock: () => now } });
    const { id, tid } = await unknownPayment(shop);
    now = new Date(now.getTime() + 20 * minute);
    const typed = `${tid.slice(0, -1)}${tid.endsWith("A") ? "B" : "A"}`;
    await shop.ledger.payments.resolve(id, { outcome: "moved", tid: typed, ...who });
    expect(await shop.status(id)).toMatchObject({ status: "paid" });
    // The gateway knows no such transaction, so nothing is refunded.
    expect((await shop.cancel(id)).status).toBe(409);
    expect(shop.atGateway(id)).toMatchObject([{ remaining: 15_000 }]);
    await shop.ledger.payments.resolve(id, { outcome: "moved", tid, ...who, corrects: true });
    expect((await shop.cancel(id)).body).toMatchObject({ status: "cancelled" });
    expect(shop.atGateway(id)).toMatchObject([{ tid, remaining: 0 }]);
  });

  it("whose database was replaced sells nothing until it is accepted, and then nothing twice", async () => {
    const shop = await onPostgres({ mount, ownSchema: true });
    const [paid, later] = [shop.order(), shop.order()];
    await shop.pay(paid);
    const values = "VALUES ('before', now(), 'lee', 'test')";
    await runSql(
      `INSERT INTO "${shop.schema}".databases (identity, at, actor, evidence) ${values}`,
      databaseUrl,
    );
    for (const id of [paid, later]) {
      expect((await shop.pay(id)).body).toMatchObject({ code: "ledger-unavailable" });
    }
    expect(shop.logged.at(-1)).toMatchObject({ code: "ledger-failed", reason: "database-changed" });
    // Reading continues.
    expect(await shop.status(paid)).toMatchObject({ status: "paid" });
    const { seen } = await shop.ledger.operations.database();
    const [{ oid = "", tid = "" } = {}] = shop.atGateway(paid);
    const transactions = [{ status: "approved", oid, tid, payType: "card", price: 15_000 }] as const;
    await shop.ledger.operations.acceptDatabase({ ...who, seen, transactions });
    expect((await shop.pay(paid)).body).toMatchObject({ code: "already-paid" });
    expect((await shop.pay(later)).body).toMatchObject({ status: "paid" });
    expect(shop.sandbox.book.transactions).toHaveLength(2);
  });

  it("whose process had a clock three hours ahead gets the events as soon as it is corrected", async () => {
    let aheadMs = 3 * 60 * minute;
    const timers = {
      monotonic: () => performance.now(),
      wall: () => Date.now() + aheadMs,
      wait: () => new Promise(() => {}),
    };
    const shop = await onPostgres({ mount, ledger: { timers, maxSkewMs: Number.MAX_SAFE_INTEGER } });
    const id = shop.order();
    await shop.pay(id);
    aheadMs = 0;
    const taken: string[] = [];
    const approved = ({ orderId }: { readonly orderId: string }) => void taken.push(orderId);
    await shop.ledger.operations.runOnce({ consumer: "shop", on: { approved } });
    expect(taken).toEqual([id]);
  });

  it("whose database is away after the approval keeps the order locked, and the log has the gateway's transaction", async () => {
    const settle = () => Promise.reject(new Error("connect ECONNREFUSED 10.1.2.3:5432"));
    const shop = await onPostgres({ mount, store: () => ({ settle }) });
    const id = shop.order();
    expect((await shop.pay(id)).body).toMatchObject({ code: "outcome-unknown" });
    const [{ tid = "" } = {}] = shop.atGateway(id);
    expect(shop.logged).toMatchObject([{ code: "outcome-not-recorded", orderId: id, tid }]);
    expect((await shop.pay(id)).body).toMatchObject({ code: "in-progress" });
    expect(shop.atGateway(id)).toHaveLength(1);
  });

  it("hears of a deposit that comes padded, without a Content-Type or with a wrong one, and the order is paid once", async () => {
    const shop = await onPostgres({ mount });
    for (const mode of ["padded", "untyped", "mistyped"] as const) {
      const id = shop.order();
      await shop.back(await shop.atPage(id, { method: "vbank" }));
      const account = shop.sandbox.book.accounts.find(({ oid }) => oid.startsWith(`${id}-`));
      await shop.sandbox.notifications.idle();
      shop.sandbox.notifications.next(mode);
      shop.sandbox.notifications.next("duplicate");
      shop.sandbox.outside.deposit(account?.tid ?? "");
      await shop.sandbox.notifications.idle();
      expect(shop.sandbox.notifications.list.at(-1)).toMatchObject({ state: "acknowledged" });
      expect(await shop.ledger.payments.find(id)).toMatchObject({ status: "paid", price: 15_000 });
      expect(await shop.ledger.payments.balance(id)).toMatchObject({ gateway: 15_000, suspense: 0 });
    }
    expect(await shop.ledger.payments.needsReview()).toEqual([]);
  });
});
