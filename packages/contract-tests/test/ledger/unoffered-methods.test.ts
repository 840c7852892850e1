import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

describe.each(rooms)("money by a method that the link was not made for, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);
  const suspense = { gateway: price, paid: 0, suspense: price };
  const asks = async (orderId: string) =>
    pages.ledger.store.reserveApproval({ orderId, price, payType: "card" });

  it.each(["card", "kakao", "x"])(
    "deposited for a link by %s is booked, and the order needs review",
    async (word) => {
      const { orderId, oid } = await pages.link(word);
      const deposited = pages.samples.mobileDeposited({ oid, tid: newTid() });
      expect(await receive(deposited)).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({
        status: "needs-review",
        payType: "vbank",
      });
      expect(await pages.ledger.payments.balance(orderId)).toEqual(suspense);
      expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId }]);
      expect(await pages.ledger.notifications.list({ effect: "mismatch" })).toMatchObject([
        { orderId, reason: "pay-type-differs" },
      ]);
      // The order can't be charged a second time, and a repeated notification books nothing more.
      expect(await asks(orderId)).toMatchObject({ status: "refused", reason: "needs-review" });
      await receive(deposited);
      expect(await pages.ledger.payments.balance(orderId)).toEqual(suspense);
    },
  );

  it("writes an event that says the order needs review", async () => {
    const { orderId, oid } = await pages.link();
    const seen: string[] = [];
    await receive(pages.samples.mobileDeposited({ oid, tid: newTid() }));
    await pages.ledger.operations.runOnce({
      consumer: "shop",
      on: {
        deposited: () => void seen.push("deposited"),
        "needs-review": (event) => void seen.push(`needs-review ${event.orderId}`),
      },
    });
    expect(seen).toEqual([`needs-review ${orderId}`]);
  });

  it("is booked beside a payment that the order has already", async () => {
    const { orderId, oid, tid } = await pages.ended("succeeded");
    expect(await receive(pages.samples.mobileDeposited({ oid, tid: newTid() }))).toMatchObject({
      effect: "mismatch",
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review", tid });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: 2 * price,
      paid: price,
      suspense: price,
    });
  });

  it.each(["before", "after"])(
    "reversed %s its deposit is told leaves nothing in the books",
    async (when) => {
      const { orderId, oid } = await pages.link();
      const tid = newTid();
      const both = [pages.samples.deposited({ oid, tid }), pages.samples.reversed({ oid, tid })];
      for (const each of when === "before" ? both.reverse() : both) await receive(each);
      expect((await pages.ledger.payments.balance(orderId)).gateway).toBe(0);
      expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
    },
  );

  it("from an unlisted source changes nothing", async () => {
    const { orderId, oid } = await pages.link();
    const deposited = pages.samples.mobileDeposited({ oid, tid: newTid() });
    const stranger = { ...deposited, source: { address: "203.0.113.9", listed: false } };
    expect(await receive(stranger)).toMatchObject({ effect: "quarantined" });
    expect(await pages.ledger.payments.find(orderId)).toBeUndefined();
  });
});
