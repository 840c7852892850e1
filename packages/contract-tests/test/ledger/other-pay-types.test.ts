import { describe, expect, it } from "vitest";
import { freshPages } from "./hosted-payment-states.js";
import { newTid, price } from "./ledger-states.js";
import { rooms } from "./open-ledgers.js";

describe.each(rooms)("a link with a payment method that notifications do not name, in %s", (_, open) => {
  const { pages, receive } = freshPages(open);

  async function sent() {
    const { orderId, oid } = await pages.link("kakao");
    const tid = newTid();
    const reservation = await pages.ledger.store.reserveApproval({
      orderId,
      price,
      payType: "kakao",
      page: { oid, tid },
    });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await pages.ledger.store.markSending(reservation.call);
    return { orderId, oid, tid, call: reservation.call };
  }

  it("needs no review when the notification names the underlying card", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "succeeded", tid, price });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "known", orderId });
    expect(await pages.ledger.notifications.list({ effect: "mismatch" })).toEqual([]);
  });

  it("ends an unknown approval by a notification", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "unknown" });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "applied", orderId });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", payType: "kakao" });
  });

  it("is not paid by a deposit, unlike a link for a virtual account", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "unknown" });
    expect(await receive(pages.samples.mobileDeposited({ oid, tid }))).toMatchObject({
      effect: "mismatch",
    });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "unknown" });
  });
});
