import { beforeEach, describe, expect, it } from "vitest";
import { openShop, type Shop } from "./support/shop.js";
import {
  deadLetter,
  journaled,
  needsReview,
  quarantinedDeposit,
  restoreDatabase,
  reversedDeposit,
} from "./support/states.js";

let shop: Shop;
const note = ["--actor", "kim", "--evidence", "console, seen 03:10"];
const json = (...args: string[]) => shop.tool([...args, "--json"]);

describe("review", () => {
  beforeEach(async () => {
    shop = await openShop();
    return () => shop.close();
  });

  it("names the other lists that need review, and only those", async () => {
    await quarantinedDeposit(shop);
    await deadLetter(shop);
    const lastWeek = await shop.ledgerWith({ clock: () => new Date(Date.now() - 8 * 86_400_000) });
    await quarantinedDeposit(shop, "long-ago", lastWeek);
    const calm = await shop.tool(["review"]);
    expect(calm).toMatchObject({ code: 0, stderr: "" });
    expect(calm.stdout).toContain(
      "Notifications of the last 7 days that need review: 1 (payapi notifications)",
    );
    expect(calm.stdout).toContain("Events that the shop's code failed to handle: 1 (payapi events dead)");
    expect(calm.stdout).not.toMatch(/payapi (database|journal)/);
  });

  it("ends with 3 if the journal has a payment, or the database is not accepted", async () => {
    await journaled(shop, "lost-1", "lost");
    const kept = await json("review");
    expect(kept.json()).toMatchObject({
      exitCode: 3,
      result: { also: { journaled: 1, databaseAccepted: true } },
    });
    expect((await shop.tool(["review"])).stdout).toContain("payapi journal");
    await restoreDatabase(shop);
    const restored = await shop.tool(["review", "--lang", "ko"]);
    expect(restored.code).toBe(3);
    expect(restored.stdout).toContain("payapi database");
    expect((await json("review")).json()).toMatchObject({
      result: { also: { databaseAccepted: false } },
      error: { code: "look-into" },
    });
  });

  it("closes the review of an order, only with its current number of entries", async () => {
    await needsReview(shop, "order-1");
    const found = await shop.tool(["review"]);
    expect(found).toMatchObject({ code: 3, stderr: "" });
    expect(found.stdout).toContain("payapi orders <orderId> shows");
    const order = await shop.tool(["orders", "order-1"]);
    expect(order.stdout).toContain("payapi close <orderId> --seen 3 --actor NAME --evidence TEXT");
    for (const [orderId, seen, code] of [
      ["nobody", "3", "no-such-order"],
      ["order-1", "2", "changed"],
    ] as const) {
      const refused = await json("close", orderId, "--seen", seen, ...note);
      expect(refused.json()).toMatchObject({ exitCode: 1, error: { code } });
    }
    const closed = await json("close", "order-1", "--seen", "3", ...note);
    expect(closed.json()).toMatchObject({ exitCode: 0, result: { order: { status: "needs-review" } } });
    expect((await json("close", "order-1", "--seen", "4", ...note)).json()).toMatchObject({
      exitCode: 1,
      error: { code: "needs-no-review" },
    });
    expect((await shop.tool(["review"])).code).toBe(0);
    expect((await shop.ledger.payments.timeline("order-1")).at(-1)).toMatchObject({ actor: "kim" });
    for (const args of [["--seen", "3", "--actor", "kim"], [...note], ["--seen", "x", ...note]]) {
      expect((await shop.tool(["close", "order-1", ...args])).code).toBe(2);
    }
  });

  it("leads on from a settle or a close that is refused, by the state of the order", async () => {
    await needsReview(shop, "wrong-amount");
    const { orderId: unknown } = await shop.unknown();
    const { orderId: paid } = await shop.paid();
    const settle = (id: string) => [
      "resolve",
      id,
      "--outcome",
      "moved",
      "--tid",
      "T9",
      "--confirm-tid",
      "T9",
      ...note,
    ];
    const close = (id: string, seen: number) => ["close", id, "--seen", String(seen), ...note];
    const cases = [
      [settle("wrong-amount"), "not-unknown", "payapi close"],
      [settle("wrong-amount"), "not-unknown", "payapi orders"],
      [settle(paid), "not-unknown", "payapi orders"],
      [close(unknown, 3), "outcome-unknown", "payapi resolve"],
      [close(paid, 3), "needs-no-review", "does not need review"],
    ] as const;
    for (const [args, code, leadsTo] of cases) {
      expect((await json(...args)).json()).toMatchObject({ exitCode: 1, error: { code } });
      const refused = await shop.tool(args);
      expect(refused).toMatchObject({ code: 1, stdout: "" });
      expect(refused.stderr).toContain(leadsTo);
    }
    expect((await shop.tool(settle(paid))).stderr).not.toContain("payapi close");
    expect((await shop.tool(close("wrong-amount", 3))).code).toBe(0);
    const twice = await shop.tool(close("wrong-amount", 4));
    expect(twice).toMatchObject({ code: 1, stdout: "" });
    expect(twice.stderr).toContain("already closed");
  });

  it("distinguishes a reviewed order from one that needs review", async () => {
    await needsReview(shop, "order-1");
    expect((await json("orders", "order-1")).json()).toMatchObject({ exitCode: 3, result: { closed: null } });
    await shop.tool(["close", "order-1", "--seen", "3", ...note]);
    const closed = await shop.tool(["orders", "order-1"]);
    expect(closed).toMatchObject({ code: 0, stderr: "" });
    expect(closed.stdout).toMatch(/^Closed by kim at \d{4}-\S+ \S+ KST; stays locked\./m);
    expect(closed.stdout).toMatch(/closed +stays locked +kim +console, seen 03:10$/m);
    expect(closed.stdout.match(/approved_mismatch/g)).toHaveLength(1);
    expect(closed.stdout).not.toContain("payapi close");
    expect((await shop.tool(["orders", "order-1", "--lang", "ko"])).stdout).toMatch(/처리 완료 +잠금 유지/);
    expect((await json("orders", "order-1")).json()).toMatchObject({
      exitCode: 0,
      result: {
        order: { status: "needs-review" },
        closed: { actor: "kim", evidence: "console, seen 03:10" },
      },
    });
  });

  it("warns against refunding a deposit that was reversed", async () => {
    await reversedDeposit(shop, "order-1");
    const order = await shop.tool(["orders", "order-1"]);
    expect(order).toMatchObject({ code: 3, stderr: "" });
    expect(order.stdout).toContain("0 won at the gateway: 15,000 won as requested, 15,000 won of it missing");
    const listed = await shop.tool(["notifications"]);
    expect(listed.stdout).toMatch(/mismatch .* deposit reversed/);
    for (const { stdout } of [order, listed]) {
      expect(stdout).toContain("reversed the deposit");
      expect(stdout).toMatch(/do not deliver, pay nothing out,? (and )?talk to the buyer/i);
      expect(stdout).not.toMatch(/refund/);
    }
    expect(order.stdout).toContain("payapi close <orderId> --seen ");
    for (const args of [["orders", "order-1"], ["notifications"]]) {
      const korean = await shop.tool([...args, "--lang", "ko"]);
      expect(korean.stdout).toContain("돈을 내주지 말고");
      expect(korean.stdout).not.toContain("환불");
    }
  });

  it("warns against refunding money that the gateway refunded already or that only a mismatch reports", async () => {
    const { orderId } = await shop.paid();
    const reservation = await shop.ledger.store.reserveCancel({
      orderId,
      part: { cancelPrice: 5_000, confirmPrice: 10_000 },
    });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.store.markSending(reservation.call);
    await shop.ledger.store.settle(reservation.call, {
      outcome: "moved",
      price: 12_000,
      remainingPrice: 3_000,
    });
    const less = await shop.tool(["orders", orderId]);
    expect(less.stdout).toContain(
      "3,000 won at the gateway: 15,000 won as requested, 12,000 won of it missing",
    );
    expect(less.stdout).toContain("gave money back otherwise than requested");
    expect(less.stdout).not.toContain("refund");

    const { orderId: other } = await shop.paid();
    const second = await shop.ledger.store.reserveCancel({ orderId: other });
    if (second.status !== "reserved") throw new Error(second.reason);
    await shop.ledger.store.markSending(second.call);
    await shop.ledger.store.settle(second.call, { outcome: "moved", remainingPrice: 5_000 });
    const same = await shop.tool(["orders", other]);
    expect(same.stdout).toContain("15,000 won as requested, 0 won in suspense");
    expect(same.stdout).toContain("pay nothing out before you know which of them is right");
  });

  it("shows where to look for an order with a mismatch", async () => {
    const { orderId, tid } = await shop.paid();
    const reservation = await shop.ledger.store.reserveCancel({ orderId });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    await shop.ledger.store.markSending(reservation.call);
    await shop.ledger.store.settle(reservation.call, { outcome: "moved", remainingPrice: 5_000 });
    const found = await shop.tool(["review"]);
    expect(found.stdout).toContain("payapi orders <orderId>");
    const order = await shop.tool(["orders", orderId]);
    expect(order).toMatchObject({ code: 3, stderr: "" });
    expect(order.stdout).toMatch(/state +needs review \(확인 필요\)/);
    expect(order.stdout).toContain(tid);
  });
});
