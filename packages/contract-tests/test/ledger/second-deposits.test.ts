import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price, sentApproval } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

const resolution = { actor: "kim", evidence: "console, deposits of 1 May, seen 09:20" };
const later = { fields: { tm_trans: "111111" } };

describe.each(rooms)("a second deposit to one account, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  const close = async (orderId: string) =>
    pages.ledger.payments.closeReview(orderId, {
      ...resolution,
      seenEntries: (await pages.ledger.payments.timeline(orderId)).length,
    });

  it("is booked as suspense, and the order needs review", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await receive(pages.samples.deposited(payment));
    await receive(pages.samples.mobileDeposited(payment));
    expect(await pages.ledger.payments.needsReview()).toEqual([]);
    expect(await receive(pages.samples.deposited(payment, later))).toEqual({
      effect: "mismatch",
      orderId,
    });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: 2 * price,
      paid: price,
      suspense: price,
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
    expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId, mismatch: true }]);
  });

  it("is booked when the page alone reports both, though its notifications have one key", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const { mobileDeposited } = pages.samples;
    const second = mobileDeposited(payment, { fields: { P_AUTH_DT: "20260502101112" } });
    const sameMinute = mobileDeposited(payment, { fields: { P_RMESG1: "in other words" } });
    await receive(mobileDeposited(payment));
    expect(await receive(sameMinute)).toEqual({ effect: "mismatch", orderId });
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: price });
    for (let times = 0; times < 2; times++) {
      expect(await receive(second)).toEqual({ effect: "mismatch", orderId });
      expect(await pages.ledger.payments.balance(orderId)).toMatchObject({
        gateway: 2 * price,
        suspense: price,
      });
    }
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
  });

  it("is booked when the first one was a second payment of the order, and reopens the review", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const call = await sentApproval(pages.ledger, orderId);
    await pages.ledger.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
    await receive(pages.samples.deposited(payment));
    await receive(pages.samples.mobileDeposited(payment));
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: 2 * price });
    expect(await close(orderId)).toMatchObject({ status: "closed" });
    expect(await pages.ledger.payments.needsReview()).toEqual([]);
    expect(await receive(pages.samples.deposited(payment, later))).toEqual({
      effect: "mismatch",
      orderId,
    });
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: 3 * price });
    expect(await pages.ledger.payments.needsReview()).toMatchObject([{ orderId }]);
  });

  it("is reversed as often as it arrived", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const { deposited, reversed } = pages.samples;
    const books = async () => (await pages.ledger.payments.balance(orderId)).gateway;
    await receive(deposited(payment));
    await receive(deposited(payment, later));
    await receive(reversed(payment));
    expect(await books()).toBe(price);
    await receive(reversed(payment, { fields: { tm_trans: "121314" } }));
    expect(await books()).toBe(0);
    await receive(reversed(payment, { fields: { tm_trans: "131415" } }));
    expect(await books()).toBe(0);
  });

  it("from an unlisted source is quarantined, and is a mismatch once released", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const { deposited, mobileDeposited } = pages.samples;
    const quarantined = () => pages.ledger.notifications.list({ effect: "quarantined" });
    await receive(deposited(payment, { listed: false }));
    for (const { id } of await quarantined()) await pages.ledger.notifications.release(id, resolution);
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
    // The same one, by the other way.
    expect(await receive(mobileDeposited(payment, { listed: false }))).toMatchObject({ effect: "known" });

    const second = deposited(payment, { ...later, listed: false });
    expect(await receive(second)).toEqual({ effect: "quarantined", orderId });
    const [held] = await quarantined();
    expect(await pages.ledger.notifications.release(held?.id ?? "", resolution)).toMatchObject({
      effect: "mismatch",
    });
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({
      gateway: 2 * price,
      suspense: price,
    });
  });

  it("is booked when both are released one after the other", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await receive(pages.samples.deposited(payment, { listed: false }));
    await receive(pages.samples.deposited(payment, { ...later, listed: false }));
    for (const { id } of await pages.ledger.notifications.list({ effect: "quarantined" })) {
      await pages.ledger.notifications.release(id, resolution);
    }
    expect(await pages.ledger.payments.balance(orderId)).toMatchObject({ gateway: 2 * price });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "needs-review" });
  });

  it("is booked once each when several processes receive all of them", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    const times = Array.from({ length: 6 }, (_, second) => ({ fields: { tm_trans: `10100${second}` } }));
    const receipts = await Promise.all(
      times.flatMap((time) =>
        [pages.ledger, pages.another, pages.ledger].map((ledger) =>
          ledger.store.receiveNotification(pages.samples.deposited(payment, time)),
        ),
      ),
    );
    expect(receipts.filter(({ effect }) => effect === "applied")).toHaveLength(1);
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: 6 * price,
      paid: price,
      suspense: 5 * price,
    });
  });

  it("is not assumed when the other one was forged", async () => {
    const { orderId, ...payment } = await pages.awaiting();
    await receive(pages.samples.deposited(payment, { ...later, listed: false }));
    expect(await receive(pages.samples.deposited(payment))).toEqual({ effect: "applied", orderId });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
    await receive(pages.samples.deposited(payment, { fields: { tm_trans: "222222" }, listed: false }));
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid" });
    expect(await pages.ledger.payments.balance(orderId)).toEqual({
      gateway: price,
      paid: price,
      suspense: 0,
    });
  });
});
