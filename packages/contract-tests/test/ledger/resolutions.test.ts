import type { ReservedApproval, ReservedCancel } from "@payapi/core";
import type { Resolution } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
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
import { freshLedgers, rooms } from "./open-ledgers.js";

const start = new Date("2026-05-01T00:00:00Z");
const minutes = (count: number) => count * 60_000;
const who = { actor: "kim", evidence: "console, 2026-05-01 09:20, list of all payments of the day" };
const notMoved: Resolution = { outcome: "not-moved", ...who };
const moved = (tid?: string): Resolution => ({
  outcome: "moved",
  ...who,
  ...(tid === undefined ? {} : { tid }),
});

describe.each(rooms)("resolutions, in %s", (_, open) => {
  const { ledger, another, now, setNow, pass } = freshLedgers(open);

  const after = (ms: number) => pass(ms / 1_000);
  /** The deadline is a minute after sending, and a late commit possible for ten more. */
  const lateEnough = () => after(minutes(11));
  const unknownApproval = async (orderId = newOrder()): Promise<ReservedApproval> =>
    settled(ledger, await sentApproval(ledger, orderId), { outcome: "unknown" });
  const unknownCancel = async (): Promise<ReservedCancel> =>
    settled(ledger, await sentCancel(ledger), { outcome: "unknown" });

  it.each([
    ["an approval", unknownApproval],
    ["a cancel", unknownCancel],
  ])("reject a check of %s that was made too early", async (_, unknown) => {
    const { orderId } = await unknown();
    after(minutes(10));
    const seenAt = now();
    // The operator entered the check late, or the process was frozen; the gateway carried the call out meanwhile.
    after(minutes(60));
    const early = await ledger.payments.resolve(orderId, { ...notMoved, seenAt });
    expect(early).toMatchObject({ status: "refused", reason: "too-early" });
    const again = await ledger.payments.resolve(orderId, { ...notMoved, seenAt: now() });
    expect(again).toMatchObject({ status: "settled" });
    const wrong = ledger.payments.resolve(orderId, { ...notMoved, seenAt: new Date(Number.NaN) });
    await expect(wrong).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it("reject a check that was made before the call", async () => {
    const { orderId } = await unknownCancel();
    const seenAt = now();
    after(minutes(1));
    expect(await ledger.payments.resolve(orderId, { ...moved(), seenAt: now() })).toMatchObject({
      status: "settled",
    });
    const other = await unknownApproval();
    const early = await ledger.payments.resolve(other.orderId, { ...moved(newTid()), seenAt });
    expect(early).toMatchObject({ status: "refused", reason: "too-early", notBefore: now() });
  });

  describe("of an approval", () => {
    it("as moved pay the order, with the operator and the evidence", async () => {
      const call = await unknownApproval();
      const tid = newTid();
      after(1_000);
      const done = await ledger.payments.resolve(call.orderId, moved(tid));
      expect(done).toMatchObject({
        status: "settled",
        kind: "approval",
        order: { orderId: call.orderId, status: "paid", price, remainingPrice: price, tid },
      });
      expect(await ledger.payments.balance(call.orderId)).toEqual({
        gateway: price,
        paid: price,
        suspense: 0,
      });
      expect((await ledger.payments.timeline(call.orderId)).at(-1)).toEqual({
        at: now(),
        what: "approval",
        callId: call.id,
        from: "unknown",
        to: "approved",
        price,
        tid,
        ...who,
      });
      expect(await ledger.payments.needsReview()).toEqual([]);
      expect(
        await ledger.store.reserveApproval({ orderId: call.orderId, price, payType: "card" }),
      ).toMatchObject({
        status: "refused",
        reason: "already-paid",
      });
      expect(await ledger.store.reserveCancel({ orderId: call.orderId })).toMatchObject({
        status: "reserved",
        call: { tid, cancelPrice: price, operation: "payments.cancel" },
      });
    });

    it("as moved require a tid", async () => {
      const call = await unknownApproval();
      expect(await ledger.payments.resolve(call.orderId, moved())).toMatchObject({
        status: "refused",
        reason: "tid-missing",
        order: { status: "unknown" },
      });
      expect(await stateOf(ledger, call)).toBe("unknown");
    });

    it("reject another payment's or cancel's tid", async () => {
      const tid = newTid();
      await payment(ledger, tid);
      const cancelTid = newTid();
      await settled(ledger, await sentCancel(ledger), {
        outcome: "succeeded",
        price: 3_000,
        remainingPrice: 7_000,
        cancelTid,
      });
      const call = await unknownApproval();
      for (const known of [tid, cancelTid]) {
        expect(await ledger.payments.resolve(call.orderId, moved(known))).toMatchObject({
          status: "refused",
          reason: "tid-known",
        });
      }
      expect(await stateOf(ledger, call)).toBe("unknown");
    });

    it("as not-moved free the order, at the earliest ten minutes after its deadline", async () => {
      const call = await unknownApproval();
      const notBefore = new Date(start.getTime() + minutes(11));
      setNow(new Date(notBefore.getTime() - 1));
      expect(await ledger.payments.resolve(call.orderId, notMoved)).toMatchObject({
        status: "refused",
        reason: "too-early",
        notBefore,
        order: { status: "unknown" },
      });
      setNow(notBefore);
      expect(await ledger.payments.resolve(call.orderId, notMoved)).toMatchObject({
        status: "settled",
        order: { status: "not-sent", remainingPrice: 0 },
      });
      expect((await ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
        to: "settled_not_moved",
        ...who,
      });
      expect(await ledger.payments.balance(call.orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await ledger.payments.needsReview()).toEqual([]);
      const listed = await ledger.payments.list({ status: "not-sent" });
      expect(listed.map(({ orderId }) => orderId)).toEqual([call.orderId]);
      const again = await reservedApproval(ledger, call.orderId);
      expect(again.oid).not.toBe(call.oid);
    });

    it("end one whose process died", async () => {
      const call = await sentApproval(ledger);
      lateEnough();
      expect(await ledger.payments.needsReview()).toMatchObject([
        { orderId: call.orderId, state: "sending" },
      ]);
      expect(await ledger.payments.resolve(call.orderId, notMoved)).toMatchObject({ status: "settled" });
      expect(await ledger.payments.timeline(call.orderId)).toMatchObject([
        { to: "reserved" },
        { to: "sending" },
        { to: "unknown", actor: "recovery" },
        { from: "unknown", to: "settled_not_moved", actor: "kim" },
      ]);
    });

    it("end a cancel whose process died", async () => {
      const call = await sentCancel(ledger);
      lateEnough();
      expect(await ledger.payments.needsReview()).toMatchObject([
        { orderId: call.orderId, state: "sending" },
      ]);
      const settlement = await ledger.payments.resolve(call.orderId, moved(newTid()));
      expect(settlement).toMatchObject({ status: "settled", kind: "cancel" });
      expect(settlement.order).toMatchObject({ status: "partially-cancelled", remainingPrice: 7_000 });
    });

    it("wait as long as recovery for a late call", async () => {
      const call = await sentApproval(ledger);
      after(60_001);
      expect(await ledger.payments.needsReview()).toMatchObject([
        { orderId: call.orderId, state: "sending" },
      ]);
      for (const resolution of [moved(newTid()), notMoved]) {
        const refusal = await ledger.payments.resolve(call.orderId, resolution);
        expect(refusal).toMatchObject({ status: "refused", reason: "too-early" });
        expect(refusal.status === "refused" && refusal.notBefore?.getTime()).toBe(now().getTime() + 29_999);
      }
      expect(await stateOf(ledger, call)).toBe("sending");
      after(30_000);
      const settlement = await ledger.payments.resolve(call.orderId, moved(newTid()));
      expect(settlement).toMatchObject({ status: "settled", order: { status: "paid" } });
    });

    it("happen once for concurrent callers", async () => {
      const call = await unknownApproval();
      lateEnough();
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          (i % 2 ? ledger : another).payments.resolve(call.orderId, i % 4 < 2 ? moved(newTid()) : notMoved),
        ),
      );
      expect(results.filter(({ status }) => status === "settled")).toHaveLength(1);
      expect(
        results.filter((result) => result.status === "refused" && result.reason === "not-unknown"),
      ).toHaveLength(7);
      expect(
        (await ledger.payments.timeline(call.orderId)).filter(({ from }) => from === "unknown"),
      ).toHaveLength(1);
      const { gateway, paid } = await ledger.payments.balance(call.orderId);
      expect(gateway).toBe(paid);
      expect([0, price]).toContain(paid);
    });

    it("accept one of two orders when both are given the same tid at once", async () => {
      const calls = [await unknownApproval(), await unknownApproval()];
      const tid = newTid();
      const results = await Promise.all(
        calls.map(({ orderId }, i) => (i ? ledger : another).payments.resolve(orderId, moved(tid))),
      );
      expect(
        results.map((result) => (result.status === "settled" ? "settled" : result.reason)).sort(),
      ).toEqual(["settled", "tid-known"]);
    });
  });

  describe("of a cancel", () => {
    it("as moved book the amount, with or without the cancel's own tid", async () => {
      for (const tid of [newTid(), undefined]) {
        const call = await unknownCancel();
        expect(await ledger.payments.resolve(call.orderId, moved(tid))).toMatchObject({
          status: "settled",
          kind: "cancel",
          order: { status: "partially-cancelled", remainingPrice: 7_000, cancel: { status: "done" } },
        });
        expect(await ledger.payments.balance(call.orderId)).toEqual({
          gateway: 7_000,
          paid: 7_000,
          suspense: 0,
        });
        expect((await ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
          to: "done",
          price: 3_000,
          ...who,
        });
        expect(await ledger.store.reserveCancel({ orderId: call.orderId })).toMatchObject({
          call: { cancelPrice: 7_000, confirmPrice: 0, operation: "payments.cancelPartially" },
        });
      }
    });

    it("as not-moved release the amount", async () => {
      const call = await unknownCancel();
      expect(await ledger.payments.resolve(call.orderId, notMoved)).toMatchObject({ reason: "too-early" });
      lateEnough();
      expect(await ledger.payments.resolve(call.orderId, notMoved)).toMatchObject({
        status: "settled",
        order: { status: "paid", remainingPrice: price, cancel: { status: "not-sent" } },
      });
      expect(await ledger.payments.balance(call.orderId)).toEqual({
        gateway: price,
        paid: price,
        suspense: 0,
      });
      expect(await ledger.payments.needsReview()).toEqual([]);
      expect(await ledger.store.reserveCancel({ orderId: call.orderId })).toMatchObject({
        call: { cancelPrice: price, confirmPrice: 0, operation: "payments.cancel" },
      });
    });
  });

  describe("of any other call", () => {
    const states: Record<string, () => Promise<{ orderId: string }>> = {
      reserved: () => reservedApproval(ledger),
      approved: () => payment(ledger),
      declined: async () => settled(ledger, await sentApproval(ledger), { outcome: "refused" }),
      "not sent": async () => settled(ledger, await sentApproval(ledger), { outcome: "not-sent" }),
      mismatched: async () =>
        settled(ledger, await sentApproval(ledger), { outcome: "moved", tid: newTid(), price: 9_999 }),
      "with an open cancel": () => reservedCancel(ledger),
      "with a mismatched cancel": async () =>
        settled(ledger, await sentCancel(ledger), { outcome: "moved", price: 2_000 }),
      "settled before": async () => {
        const call = await unknownApproval();
        await ledger.payments.resolve(call.orderId, moved(newTid()));
        return call;
      },
    };
    it.each(Object.keys(states))("are refused: %s", async (state) => {
      const call = await states[state]?.();
      if (call === undefined) throw new Error("No such state");
      lateEnough();
      const lines = await ledger.payments.timeline(call.orderId);
      for (const resolution of [moved(newTid()), notMoved]) {
        expect(await ledger.payments.resolve(call.orderId, resolution)).toMatchObject({
          status: "refused",
          reason: "not-unknown",
          order: await ledger.payments.find(call.orderId),
        });
      }
      expect(await ledger.payments.timeline(call.orderId)).toEqual(lines);
    });

    it("are refused: an order without payment", async () => {
      expect(await ledger.payments.resolve(newOrder(), notMoved)).toEqual({
        status: "refused",
        reason: "no-such-order",
        order: undefined,
      });
    });
  });

  describe("the input of a resolution", () => {
    it.each([
      ["outcome", { outcome: "maybe" }],
      ["actor", { actor: "" }],
      ["actor", { actor: "k\nim" }],
      ["evidence", { evidence: "" }],
      ["evidence", { evidence: "x".repeat(1_001) }],
      ["tid", { tid: "two words" }],
      ["tid", { tid: "4111111111111111" }],
    ])("is rejected with %s: %j", async (name, wrong) => {
      const call = await unknownApproval();
      const resolution = { ...moved(newTid()), ...wrong } as Resolution;
      await expect(ledger.payments.resolve(call.orderId, resolution)).rejects.toMatchObject({
        code: "invalid-argument",
        message: expect.stringContaining(name),
      });
      await expect(
        ledger.payments.resolve(call.orderId, { ...notMoved, tid: newTid() }),
      ).rejects.toMatchObject({ code: "invalid-argument" });
      expect(await stateOf(ledger, call)).toBe("unknown");
    });

    it("is stored without card numbers in any field", async () => {
      const call = await unknownApproval();
      const resolution = { ...moved(newTid()), evidence: "card 4111-1111-1111-1111, seen by phone" };
      await ledger.payments.resolve(call.orderId, resolution);
      const line = (await ledger.payments.timeline(call.orderId)).at(-1);
      expect(line?.evidence).toBe("card [redacted], seen by phone");
    });
  });
});
