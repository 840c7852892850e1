import { memoryLedger } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import { pagesOf } from "./hosted-payment-states.js";
import { newOrder, newTid, price } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("an unknown approval on a mid that other systems use too, in %s", (_, open) => {
  const room = openedRoom(open);
  const opened = async (midIsShared: boolean) => pagesOf(await room.ledgers({ midIsShared }));

  it("is not net-cancelled, and a notification makes it paid", async () => {
    const pages = await opened(true);
    const { orderId, oid, tid } = await pages.unknown();
    const reservation = await pages.ledger.store.reserveCancel({ orderId, netCancel: true });
    expect(reservation).toMatchObject({ status: "refused", reason: "outcome-unknown" });
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({ status: "unknown" });
    await pages.ledger.store.receiveNotification(pages.samples.approved({ oid, tid }));
    expect(await pages.ledger.payments.find(orderId)).toMatchObject({
      status: "paid",
      remainingPrice: price,
    });
  });

  it("is net-cancelled where the mid is the ledger's own", async () => {
    const pages = await opened(false);
    const { orderId } = await pages.unknown();
    const call = await pages.netCancel(orderId);
    expect(call).toMatchObject({ netCancel: true, cancelPrice: price });
  });

  it("does not lock other cancels of the shop", async () => {
    const pages = await opened(true);
    const { orderId } = await pages.ended("succeeded");
    expect(await pages.ledger.store.reserveCancel({ orderId })).toMatchObject({ status: "reserved" });
  });
});

it.each([
  ["sandbox", "reserved"],
  ["test", "refused"],
] as const)(
  "a ledger for %s answers a net cancel with %s unless midIsShared says otherwise",
  async (environment, status) => {
    const { store } = memoryLedger({ payapi: { mid: "welcometst", environment } });
    const orderId = newOrder();
    const opened = await store.openLink({ orderId, price, payType: "card" });
    if (opened.status !== "reserved") throw new Error("No link");
    await store.settleLink(opened.link.token, "https://pay.example/");
    const page = { oid: opened.link.oid, tid: newTid() };
    const approval = await store.reserveApproval({ orderId, price, payType: "card", page });
    if (approval.status !== "reserved") throw new Error("Refused");
    await store.markSending(approval.call);
    await store.settle(approval.call, { outcome: "unknown" });
    expect(await store.reserveCancel({ orderId, netCancel: true })).toMatchObject({ status });
  },
);
