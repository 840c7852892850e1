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

  const cancelled = async (orderId: string) => {
    const reservation = await pages.ledger.store.reserveCancel({ orderId });
    return reservation.status === "reserved" ? reservation.call : reservation;
  };

  it("is cancelled by the method that the reply names", async () => {
    const { orderId, tid, call } = await sent();
    const paid = await pages.ledger.store.settle(call, { outcome: "succeeded", tid, price, payType: "card" });
    expect(paid).toMatchObject({ status: "paid", payType: "card" });
    expect(paid).not.toHaveProperty("partlyCancellable");
    expect(await cancelled(orderId)).toMatchObject({ operation: "payments.cancel", payType: "card" });
  });

  it("with a card that allows no partial cancel is only cancelled in full", async () => {
    const { orderId, tid, call } = await sent();
    const outcome = { outcome: "succeeded", tid, price, payType: "card", partlyCancellable: false } as const;
    expect(await pages.ledger.store.settle(call, outcome)).toMatchObject({ partlyCancellable: false });
    const part = { cancelPrice: price - 1, confirmPrice: 1 };
    expect(await pages.ledger.store.reserveCancel({ orderId, part })).toMatchObject({
      status: "refused",
      reason: "not-partly-cancellable",
    });
    const whole = { cancelPrice: price, confirmPrice: 0 };
    const reservation = await pages.ledger.store.reserveCancel({ orderId, part: whole });
    expect(reservation).toMatchObject({ status: "reserved", call: { operation: "payments.cancel" } });
  });

  it("learns from a notification that the card allows no partial cancel", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "unknown" });
    await receive(pages.samples.approved({ oid, tid }, { fields: { P_PRTC_CODE: "0" } }));
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({
      payType: "card",
      partlyCancellable: false,
    });
  });

  it("needs no review when the notification names the underlying card", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "succeeded", tid, price });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "known", orderId });
    expect(await pages.ledger.notifications.list({ effect: "mismatch" })).toEqual([]);
    expect(await cancelled(orderId)).toMatchObject({ payType: "card" });
  });

  it("ends an unknown approval by a notification", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.store.settle(call, { outcome: "unknown" });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "applied", orderId });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "paid", payType: "card" });
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
