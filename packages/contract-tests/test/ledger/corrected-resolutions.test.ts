import type { ReservedApproval } from "@payapi/core";
import { type OrderEvent, orderEventKinds, type Resolution } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import { newOrder, newTid, price, sentApproval, settled } from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

const who = { actor: "kim", evidence: "console, list of all payments of the day" };
const moved = (tid: string): Resolution => ({ outcome: "moved", tid, ...who });
const notMoved: Resolution = { outcome: "not-moved", ...who };
const corrects = (resolution: Resolution): Resolution => ({
  ...resolution,
  actor: "lee",
  evidence: "console, looked up by order number",
  corrects: true,
});

describe.each(rooms)("corrected resolutions, in %s", (_, open) => {
  const { ledger, pass } = freshLedgers(open);

  async function unknownApproval(): Promise<ReservedApproval> {
    const call = await settled(ledger, await sentApproval(ledger, newOrder()), { outcome: "unknown" });
    pass(11 * 60);
    return call;
  }

  async function resolved(resolution: Resolution): Promise<ReservedApproval> {
    const call = await unknownApproval();
    const result = await ledger.payments.resolve(call.orderId, resolution);
    expect(result.status).toBe("settled");
    return call;
  }

  async function unknownCancel(orderId: string, part?: { cancelPrice: number; confirmPrice: number }) {
    const request = { orderId, ...(part === undefined ? {} : { part }) };
    const reservation = await ledger.store.reserveCancel(request);
    if (reservation.status !== "reserved") throw new Error(`Refused: ${reservation.reason}`);
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "unknown" });
    pass(11 * 60);
    return reservation.call;
  }

  const kinds = async (orderId: string) => {
    const found: string[] = [];
    const on = Object.fromEntries(
      orderEventKinds.map((kind) => [
        kind,
        async (event: OrderEvent) => {
          if (event.orderId === orderId) found.push(event.kind);
        },
      ]),
    );
    await ledger.operations.runOnce({ consumer: `shop-${orderId}`, on });
    return found;
  };

  it("replace a mistyped tid, and keep both in the timeline", async () => {
    const [wrong, right] = [newTid(), newTid()];
    const { orderId } = await resolved(moved(wrong));
    const again = await ledger.payments.resolve(orderId, moved(right));
    expect(again).toMatchObject({ status: "refused", reason: "not-unknown" });
    const done = await ledger.payments.resolve(orderId, corrects(moved(right)));
    expect(done).toMatchObject({ status: "settled", order: { status: "paid", tid: right } });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
    const entries = (await ledger.payments.timeline(orderId)).slice(-2);
    expect(entries).toMatchObject([
      { what: "approval", to: "approved", tid: wrong, actor: "kim" },
      { what: "correction", from: "approved", to: "approved", tid: right, actor: "lee" },
    ]);
    // The mistyped one is free for the payment that it belongs to.
    const other = await unknownApproval();
    expect(await ledger.payments.resolve(other.orderId, moved(wrong))).toMatchObject({ status: "settled" });
    expect(await kinds(orderId)).toEqual(["unknown", "approved", "corrected"]);
  });

  it("take back a payment that was none, and allow a new one", async () => {
    const { orderId } = await resolved(moved(newTid()));
    const done = await ledger.payments.resolve(orderId, corrects(notMoved));
    expect(done).toMatchObject({ status: "settled", order: { status: "not-sent", remainingPrice: 0 } });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    await settled(ledger, await sentApproval(ledger, orderId), {
      outcome: "succeeded",
      tid: newTid(),
      price,
    });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
    expect(await kinds(orderId)).toEqual(["unknown", "approved", "corrected", "approved"]);
  });

  it("book a payment after all", async () => {
    const { orderId } = await resolved(notMoved);
    const tid = newTid();
    const done = await ledger.payments.resolve(orderId, corrects(moved(tid)));
    expect(done).toMatchObject({ status: "settled", order: { status: "paid", tid } });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
    expect(await kinds(orderId)).toEqual(["unknown", "settled", "approved"]);
  });

  it("require review if the order was paid again meanwhile", async () => {
    const { orderId } = await resolved(notMoved);
    await settled(ledger, await sentApproval(ledger, orderId), {
      outcome: "succeeded",
      tid: newTid(),
      price,
    });
    const done = await ledger.payments.resolve(orderId, corrects(moved(newTid())));
    expect(done).toMatchObject({ status: "settled", order: { status: "needs-review" } });
    expect(await ledger.payments.balance(orderId)).toEqual({
      gateway: 2 * price,
      paid: price,
      suspense: price,
    });
    const again = await ledger.payments.resolve(orderId, corrects(notMoved));
    expect(again).toMatchObject({ status: "refused", reason: "nothing-to-correct" });
  });

  it("book a refund both ways", async () => {
    const { orderId } = await resolved(moved(newTid()));
    const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
    await unknownCancel(orderId, part);
    await ledger.payments.resolve(orderId, moved(newTid()));
    const undone = await ledger.payments.resolve(orderId, corrects(notMoved));
    expect(undone).toMatchObject({ kind: "cancel", order: { status: "paid", remainingPrice: price } });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: price, paid: price, suspense: 0 });
    const done = await ledger.payments.resolve(orderId, corrects(moved(newTid())));
    expect(done).toMatchObject({ order: { status: "partially-cancelled", remainingPrice: 7_000 } });
    expect(await ledger.payments.balance(orderId)).toEqual({ gateway: 7_000, paid: 7_000, suspense: 0 });
    expect(await kinds(orderId)).toEqual([
      "unknown",
      "approved",
      "cancel-unknown",
      "partially-cancelled",
      "corrected",
      "partially-cancelled",
    ]);
  });

  it("correct the tid of a payment whose cancel was refused for it", async () => {
    const { orderId } = await resolved(moved(newTid()));
    const reservation = await ledger.store.reserveCancel({ orderId });
    if (reservation.status !== "reserved") throw new Error("Refused");
    await ledger.store.markSending(reservation.call);
    await ledger.store.settle(reservation.call, { outcome: "refused", resultCode: "51" });
    const tid = newTid();
    const done = await ledger.payments.resolve(orderId, corrects(moved(tid)));
    expect(done).toMatchObject({ kind: "approval", order: { status: "paid", tid } });
    const next = await ledger.store.reserveCancel({ orderId });
    expect(next).toMatchObject({ status: "reserved", call: { tid, tidIsStated: true } });
  });

  it.each<[string, (orderId: string, call: ReservedApproval, tid: string) => Promise<unknown>]>([
    [
      "the call's own reply",
      async (_, call, tid) => settled(ledger, call, { outcome: "succeeded", tid, price }),
    ],
    [
      "a cancel that the gateway carried out",
      async (orderId) => {
        const reservation = await ledger.store.reserveCancel({ orderId });
        if (reservation.status !== "reserved") throw new Error("Refused");
        await ledger.store.markSending(reservation.call);
        await ledger.store.settle(reservation.call, { outcome: "succeeded", price });
      },
    ],
    ["a cancel whose outcome is unknown", (orderId) => unknownCancel(orderId)],
  ])("are refused once the payment is confirmed by %s", async (_, confirm) => {
    const tid = newTid();
    const call = await resolved(moved(tid));
    await confirm(call.orderId, call, tid);
    const before = await ledger.payments.balance(call.orderId);
    for (const resolution of [notMoved, moved(newTid())]) {
      const refused = await ledger.payments.resolve(call.orderId, {
        ...corrects(resolution),
        about: "approval",
      });
      expect(refused).toMatchObject({ status: "refused", reason: "nothing-to-correct" });
    }
    expect(await ledger.payments.balance(call.orderId)).toEqual(before);
  });

  it("are refused once the gateway's refusal has confirmed that nothing moved", async () => {
    const call = await resolved(notMoved);
    await ledger.store.settle(call, { outcome: "refused", resultCode: "51" });
    const refused = await ledger.payments.resolve(call.orderId, corrects(moved(newTid())));
    expect(refused).toMatchObject({ status: "refused", reason: "nothing-to-correct" });
  });

  it("name the attempt by its order number if several were resolved", async () => {
    const first = await resolved(notMoved);
    const { orderId } = first;
    const second = await settled(ledger, await sentApproval(ledger, orderId), { outcome: "unknown" });
    pass(11 * 60);
    await ledger.payments.resolve(orderId, moved(newTid()));
    const tid = newTid();
    const unnamed = await ledger.payments.resolve(orderId, corrects(moved(tid)));
    expect(unnamed).toMatchObject({ status: "refused", reason: "which-attempt" });
    const named = await ledger.payments.resolve(orderId, { ...corrects(moved(tid)), oid: second.oid });
    expect(named).toMatchObject({ status: "settled", order: { status: "paid", tid } });
    const both = await ledger.payments.resolve(orderId, { ...corrects(moved(newTid())), oid: first.oid });
    expect(both).toMatchObject({ status: "settled", order: { status: "needs-review" } });
  });

  it("are refused where they say the same, or nothing was resolved", async () => {
    const tid = newTid();
    const { orderId } = await resolved(moved(tid));
    const untouched = await settled(ledger, await sentApproval(ledger), {
      outcome: "succeeded",
      tid: newTid(),
      price,
    });
    for (const [id, resolution] of [
      [orderId, moved(tid)],
      [untouched.orderId, notMoved],
    ] as const) {
      const refused = await ledger.payments.resolve(id, corrects(resolution));
      expect(refused).toMatchObject({ status: "refused", reason: "nothing-to-correct" });
    }
  });

  it("need a check as late as the first resolution does", async () => {
    const call = await settled(ledger, await sentApproval(ledger, newOrder()), { outcome: "unknown" });
    await ledger.payments.resolve(call.orderId, moved(newTid()));
    const early = await ledger.payments.resolve(call.orderId, corrects(notMoved));
    expect(early).toMatchObject({ status: "refused", reason: "too-early" });
  });
});
