import { describe, expect, it } from "vitest";
import {
  newTid,
  payment,
  price,
  reservedApproval,
  sentApproval,
  sentCancel,
  settled,
  stateOf,
} from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

describe.each(rooms)("mismatches, in %s", (_, open) => {
  const { ledger } = freshLedgers(open);

  it("stop a reserved call of their order from being sent", async () => {
    const first = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
    const second = await reservedApproval(ledger, first.orderId);
    await ledger.store.settle(first, { outcome: "succeeded", tid: newTid(), price });
    await expect(ledger.store.markSending(second)).rejects.toMatchObject({ code: "may-not-send" });
    await ledger.store.settle(second, { outcome: "not-sent" });
    expect(await stateOf(ledger, second)).toBe("not_sent");
    await expect(ledger.store.markSending(second)).rejects.toMatchObject({ code: "not-yours" });
  });

  it("lock the order when a declined attempt proves successful beside an active one", async () => {
    const first = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
    const second = await sentApproval(ledger, first.orderId);
    await ledger.store.settle(second, { outcome: "succeeded", tid: newTid(), price });
    const tid = newTid();
    const order = await ledger.store.settle(first, { outcome: "succeeded", tid, price, resultCode: "00" });
    expect(order.status).toBe("needs-review");
    expect(await ledger.store.reserveCancel({ orderId: first.orderId })).toMatchObject({
      reason: "needs-review",
    });
    expect((await ledger.payments.timeline(first.orderId)).at(-1)).toMatchObject({
      what: "approval-mismatch",
      callId: first.id,
      from: "declined",
      to: "declined",
      outcome: "succeeded",
      tid,
      price,
      resultCode: "00",
    });
    expect(await ledger.payments.needsReview()).toMatchObject([
      { orderId: first.orderId, kind: "approval", state: "declined", mismatch: true, oid: first.oid },
    ]);
    expect(await ledger.payments.balance(first.orderId)).toEqual({
      gateway: 2 * price,
      paid: price,
      suspense: price,
    });
  });

  it("book the money of a declined attempt once, despite other attempts and repeats", async () => {
    const first = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
    const second = await sentApproval(ledger, first.orderId);
    const success = { outcome: "succeeded", tid: newTid(), price } as const;
    const booked = { gateway: price, paid: 0, suspense: price };
    for (const resultCode of ["00", "00", "01"]) {
      await ledger.store.settle(first, { ...success, resultCode });
      expect(await ledger.payments.balance(first.orderId)).toEqual(booked);
    }
    await ledger.store.settle(second, { outcome: "refused" });
    const order = await ledger.store.settle(first, success);
    expect(order).toMatchObject({ status: "needs-review", remainingPrice: price });
    expect(await stateOf(ledger, first)).toBe("mismatch");
    expect(await ledger.payments.balance(first.orderId)).toEqual(booked);
  });

  it("keep the tid of the mismatched success in the timeline", async () => {
    const tid = newTid();
    await payment(ledger, tid);
    const call = await settled(ledger, await sentApproval(ledger), { outcome: "succeeded", tid, price });
    expect((await ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
      to: "mismatch",
      tid,
      price,
    });
  });

  it("include a cancel whose reply carries another cancel's tid", async () => {
    const reply = { outcome: "succeeded", price: 3_000, cancelTid: "c1" } as const;
    await settled(ledger, await sentCancel(ledger), reply);
    const call = await sentCancel(ledger);
    expect((await ledger.store.settle(call, reply)).status).toBe("needs-review");
  });
});
