import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type NewPages, pagesOf } from "./hosted-payment-states.js";
import { newTid, price } from "./ledger-states.js";
import { type LedgerRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("a link by a method that notifications have no word for, in %s", (_, open) => {
  let room: LedgerRoom;
  let pages: NewPages;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());
  beforeEach(async () => {
    pages = pagesOf(await room.ledgers());
  });

  const receive = (...received: Parameters<NewPages["ledger"]["receiveNotification"]>) =>
    pages.ledger.receiveNotification(...received);
  async function sent() {
    const { orderId, oid } = await pages.link("kakao");
    const tid = newTid();
    const reservation = await pages.ledger.reserveApproval({
      orderId,
      price,
      payType: "kakao",
      page: { oid, tid },
    });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await pages.ledger.markSending(reservation.call);
    return { orderId, oid, tid, call: reservation.call };
  }

  it("raises no alarm when the gateway names the card behind it", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.settle(call, { outcome: "succeeded", tid, price });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "known", orderId });
    expect(await pages.ledger.notifications({ effect: "conflicting" })).toEqual([]);
  });

  it("ends an unknown approval when the gateway tells of it", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.settle(call, { outcome: "unknown" });
    expect(await receive(pages.samples.approved({ oid, tid }))).toEqual({ effect: "applied", orderId });
    expect(await pages.ledger.findOrder(orderId)).toMatchObject({ status: "paid", payType: "kakao" });
  });

  it("is paid by no deposit: only a link for an account is", async () => {
    const { orderId, oid, tid, call } = await sent();
    await pages.ledger.settle(call, { outcome: "unknown" });
    expect(await receive(pages.samples.mobileDeposited({ oid, tid }))).toMatchObject({
      effect: "conflicting",
    });
    expect(await pages.ledger.findOrder(orderId)).toMatchObject({ status: "unknown" });
  });
});
