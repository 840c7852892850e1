import type { Ledger } from "@payapi/ledger";
import type { TimedLedgerOptions } from "@payapi/ledger/internal";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  newOrder,
  newTid,
  payment,
  price,
  reservedApproval,
  reservedCancel,
  sentApproval,
  sentCancel,
  settled,
  stateOf,
} from "./ledger-states.js";
import { type LedgerRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("what a ledger adds to a record, in %s", (_, open) => {
  let room: LedgerRoom;
  let ledger: Ledger;
  let another: Ledger;
  let now: Date;
  beforeAll(async () => {
    room = await open();
  });
  afterAll(() => room.close());
  beforeEach(async () => {
    now = new Date("2026-05-01T00:00:00Z");
    ({ ledger, another } = await opened());
  });

  const opened = (options: TimedLedgerOptions = {}) => room.ledgers({ clock: () => now, ...options });
  const pass = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1_000);
  };

  describe("recovery", () => {
    it("leaves calls alone that may still be running", async () => {
      const calls = [
        await reservedApproval(ledger),
        await sentApproval(ledger),
        await reservedCancel(ledger),
        await sentCancel(ledger),
      ];
      pass(60);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
      const states = await Promise.all(calls.map((call) => stateOf(ledger, call)));
      expect(states).toEqual(["reserved", "sending", "reserved", "sending"]);
    });

    it("frees what was reserved and never sent, after 60 s", async () => {
      const approval = await reservedApproval(ledger);
      const cancel = await reservedCancel(ledger);
      pass(61);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 2, unknown: 0 });
      expect((await ledger.payments.find(approval.orderId))?.status).toBe("not-sent");
      expect(await ledger.payments.find(cancel.orderId)).toMatchObject({
        status: "paid",
        remainingPrice: price,
        cancel: { status: "not-sent" },
      });
      await expect(ledger.store.markSending(approval)).rejects.toMatchObject({ code: "not-yours" });
      await expect(ledger.store.markSending(cancel)).rejects.toMatchObject({ code: "not-yours" });
    });

    it("locks what was sent and never heard of, 30 s after its deadline", async () => {
      const approval = await sentApproval(ledger);
      const cancel = await sentCancel(ledger);
      pass(90);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 0 });
      pass(1);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 2 });
      for (const { orderId } of [approval, cancel]) {
        expect((await ledger.payments.find(orderId))?.status).toBe("unknown");
        expect((await ledger.payments.timeline(orderId)).at(-1)).toMatchObject({
          to: "unknown",
          actor: "recovery",
        });
      }
    });

    it("goes by the times in the options", async () => {
      ({ ledger } = await opened({ reservedTimeoutMs: 5_000, callTimeoutMs: 10_000, sendingGraceMs: 0 }));
      await reservedApproval(ledger);
      await sentApproval(ledger);
      pass(6);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 1, unknown: 0 });
      pass(5);
      expect(await ledger.operations.recover()).toMatchObject({ notSent: 0, unknown: 1 });
    });

    it.each([
      ["succeeded", "paid"],
      ["refused", "declined"],
      ["not-sent", "not-sent"],
    ] as const)("yields to the process that comes back and says %s", async (outcome, status) => {
      const call = await sentApproval(ledger);
      pass(100);
      await another.operations.recover();
      const order = await ledger.store.settle(call, {
        outcome,
        ...(outcome === "succeeded" ? { tid: newTid() } : {}),
      });
      expect(order.status).toBe(status);
      expect(await ledger.payments.needsReview()).toEqual([]);
    });

    it("ends each call once, however many recover at once", async () => {
      const calls = await Promise.all(Array.from({ length: 10 }, () => sentApproval(ledger)));
      pass(100);
      const done = await Promise.all(
        [ledger, another, ledger, another].map((each) => each.operations.recover()),
      );
      expect(done.reduce((sum, { unknown }) => sum + unknown, 0)).toBe(10);
      for (const { orderId } of calls) expect(await ledger.payments.timeline(orderId)).toHaveLength(3);
    });

    it("loses or wins against markSending, but never both", async () => {
      const calls = await Promise.all(Array.from({ length: 20 }, () => reservedApproval(ledger)));
      pass(61);
      const [recovery, ...marks] = await Promise.allSettled([
        another.operations.recover(),
        ...calls.map((call) => ledger.store.markSending(call)),
      ]);
      const marked = marks.filter(({ status }) => status === "fulfilled").length;
      if (recovery?.status !== "fulfilled") throw new Error("Recovery failed");
      expect(recovery.value).toMatchObject({ notSent: 20 - marked, unknown: 0 });
      const states = await Promise.all(calls.map((call) => stateOf(ledger, call)));
      expect(states.filter((state) => state === "sending")).toHaveLength(marked);
    });
  });

  it("does not let a call go out that took too long to mark", async () => {
    ({ ledger } = await opened({ maxPauseMs: 0 }));
    const call = await reservedApproval(ledger);
    await expect(ledger.store.markSending(call)).rejects.toMatchObject({ code: "may-not-send" });
    expect((await ledger.store.settle(call, { outcome: "not-sent" })).status).toBe("not-sent");
  });

  describe("contradictions", () => {
    it("keep a reserved call of their order from being sent", async () => {
      const first = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      const second = await reservedApproval(ledger, first.orderId);
      await ledger.store.settle(first, { outcome: "succeeded", tid: newTid(), price });
      await expect(ledger.store.markSending(second)).rejects.toMatchObject({ code: "may-not-send" });
      await ledger.store.settle(second, { outcome: "not-sent" });
      expect(await stateOf(ledger, second)).toBe("not_sent");
      await expect(ledger.store.markSending(second)).rejects.toMatchObject({ code: "not-yours" });
    });

    it("locks the order when an attempt taken for declined succeeded beside a live one", async () => {
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
        { orderId: first.orderId, kind: "approval", state: "declined", contradicted: true, oid: first.oid },
      ]);
      expect(await ledger.payments.balance(first.orderId)).toEqual({
        gateway: 2 * price,
        paid: price,
        suspense: price,
      });
    });

    it("book the money of a conflict once, whoever lives beside it and however it is said", async () => {
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

    it("keeps the tid of a conflicting success in the timeline", async () => {
      const tid = newTid();
      await payment(ledger, tid);
      const call = await settled(ledger, await sentApproval(ledger), { outcome: "succeeded", tid, price });
      expect((await ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
        to: "mismatch",
        tid,
        price,
      });
    });

    it("does not take a cancel for done whose reply carries another cancel's tid", async () => {
      const reply = { outcome: "succeeded", price: 3_000, cancelTid: "c1" } as const;
      await settled(ledger, await sentCancel(ledger), reply);
      const call = await sentCancel(ledger);
      expect((await ledger.store.settle(call, reply)).status).toBe("needs-review");
    });
  });

  describe("timeline and balance", () => {
    it("tell the life of a payment", async () => {
      const call = await reservedApproval(ledger);
      const { orderId } = call;
      pass(1);
      await ledger.store.markSending(call);
      pass(1);
      await ledger.store.settle(call, {
        outcome: "succeeded",
        tid: "t1",
        price,
        resultCode: "00",
        resultMessage: "정상",
      });
      const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
      const reservation = await ledger.store.reserveCancel({ orderId, part, actor: "kim" });
      if (reservation.status !== "reserved") throw new Error("Refused");
      await ledger.store.markSending(reservation.call);
      await ledger.store.settle(reservation.call, {
        outcome: "succeeded",
        cancelTid: "c1",
        resultCode: "00",
      });

      const [a, c] = [
        { what: "approval", callId: call.id },
        { what: "cancel", callId: reservation.call.id },
      ];
      const at = (second: number) => new Date(Date.UTC(2026, 4, 1, 0, 0, second));
      expect(await ledger.payments.timeline(orderId)).toEqual([
        { ...a, at: at(0), to: "reserved", price },
        { ...a, at: at(1), from: "reserved", to: "sending", price },
        {
          ...a,
          at: at(2),
          from: "sending",
          to: "approved",
          outcome: "succeeded",
          price,
          tid: "t1",
          resultCode: "00",
          resultMessage: "정상",
        },
        { ...c, at: at(2), to: "reserved", price: 3_000, actor: "kim" },
        { ...c, at: at(2), from: "reserved", to: "sending", price: 3_000, actor: "kim" },
        {
          ...c,
          at: at(2),
          from: "sending",
          to: "done",
          outcome: "succeeded",
          price: 3_000,
          actor: "kim",
          tid: "c1",
          resultCode: "00",
        },
      ]);
      expect(await ledger.payments.balance(orderId)).toEqual({ gateway: 7_000, paid: 7_000, suspense: 0 });
      expect(await ledger.payments.timeline(newOrder())).toEqual([]);
      expect(await ledger.payments.balance(newOrder())).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });

    it("book what moved otherwise than asked as suspense", async () => {
      const moved = await settled(ledger, await sentApproval(ledger), {
        outcome: "moved",
        tid: newTid(),
        price: 12_000,
      });
      expect(await ledger.payments.balance(moved.orderId)).toEqual({
        gateway: 12_000,
        paid: 0,
        suspense: 12_000,
      });
      const drifted = await settled(ledger, await sentCancel(ledger), { outcome: "moved", price: 2_000 });
      expect(await ledger.payments.balance(drifted.orderId)).toEqual({
        gateway: 8_000,
        paid: price,
        suspense: -2_000,
      });
    });
  });

  describe("unknowns", () => {
    it("list every call whose money nobody knows, the oldest first, with what to search for", async () => {
      const approval = await sentApproval(ledger);
      const since = now;
      pass(10);
      const cancel = await sentCancel(ledger);
      pass(5);
      await ledger.store.settle(approval, { outcome: "unknown" });
      await ledger.store.settle(cancel, { outcome: "unknown" });
      await payment(ledger);
      await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      const unknowns = await another.payments.needsReview();
      expect(unknowns).toMatchObject([
        { kind: "approval", state: "unknown", orderId: approval.orderId, oid: approval.oid, price, since },
        { kind: "cancel", state: "unknown", orderId: cancel.orderId, tid: cancel.tid, price: 3_000 },
      ]);
      expect(unknowns[0]?.order).toEqual(await ledger.payments.find(approval.orderId));
      expect(unknowns[0]).not.toHaveProperty("tid");
    });

    it("list a call past its deadline before anybody recovered it", async () => {
      const call = await sentApproval(ledger);
      pass(60);
      expect(await ledger.payments.needsReview()).toEqual([]);
      pass(1);
      expect(await ledger.payments.needsReview()).toMatchObject([
        { orderId: call.orderId, state: "sending" },
      ]);
    });
  });

  describe("the list of payments", () => {
    it("shows each order once, newest attempt first, page by page", async () => {
      const declined = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      const paid = await payment(ledger);
      const cancel = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      const again = await reservedApproval(ledger, declined.orderId);
      const ids = [declined.orderId, cancel.orderId, paid.orderId];
      const all = await another.payments.list();
      expect(all.map(({ orderId }) => orderId)).toEqual(ids);
      expect(all[0]).toMatchObject({ status: "in-progress", oid: again.oid, attempts: 2, payType: "card" });
      expect(all[1]).toMatchObject({ status: "partially-cancelled", remainingPrice: 7_000, createdAt: now });
      const first = await ledger.payments.list({ limit: 2 });
      const before = first.at(-1)?.position ?? 0;
      const second = await ledger.payments.list({ limit: 2, before });
      expect([...first, ...second]).toEqual(all);
      expect(await ledger.payments.list({ status: "paid" })).toEqual([all[2]]);
      expect(await ledger.payments.list({ status: "paid", limit: 1 })).toEqual([all[2]]);
      expect(await ledger.payments.list({ status: "unknown" })).toEqual([]);
    });

    it("finds the orders in each state", async () => {
      await reservedApproval(ledger);
      await payment(ledger);
      await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      await settled(ledger, await sentApproval(ledger), { outcome: "not-sent" });
      await settled(ledger, await sentApproval(ledger), { outcome: "unknown" });
      await settled(ledger, await sentApproval(ledger), { outcome: "moved", tid: newTid(), price: 1 });
      await settled(ledger, await sentApproval(ledger), { outcome: "moved", price });
      const contradicted = await payment(ledger);
      await settled(ledger, contradicted, { outcome: "refused" });
      await reservedCancel(ledger);
      for (const outcome of ["succeeded", "refused", "not-sent", "unknown", "moved"] as const) {
        await settled(ledger, await sentCancel(ledger), { outcome });
      }
      const { orderId } = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      const rest = await ledger.store.reserveCancel({ orderId });
      if (rest.status === "reserved") await ledger.store.settle(rest.call, { outcome: "succeeded" });

      const all = await ledger.payments.list();
      const statuses = new Set(all.map(({ status }) => status));
      expect(statuses.size).toBe(8);
      for (const status of statuses) {
        const expected = all.filter((listed) => listed.status === status);
        expect(await ledger.payments.list({ status })).toEqual(expected);
        expect(await ledger.payments.list({ status, limit: 1 })).toEqual(expected.slice(0, 1));
      }
    });

    it.each([0, 501, 1.5])("refuses a limit of %s", async (limit) => {
      await expect(ledger.payments.list({ limit })).rejects.toMatchObject({ code: "invalid-argument" });
    });
  });

  it("keeps merchants apart", async () => {
    const { orderId } = await payment(ledger);
    const { ledger: other } = await opened();
    expect(await other.payments.find(orderId)).toBeUndefined();
    expect(await other.payments.list()).toEqual([]);
    expect((await reservedApproval(other, orderId)).oid).toBe(`${orderId}-1`);
  });
});
