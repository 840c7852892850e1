import type { CallOutcome, ReservedApproval, ReservedCancel } from "@payapi/core";
import type { Resolution } from "@payapi/ledger";
import { describe, expect, it } from "vitest";
import {
  newOrder,
  newTid,
  payment,
  price,
  sentApproval,
  sentCancel,
  settled,
  stateOf,
} from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

const minutes = (count: number) => count * 60_000;
const who = { actor: "kim", evidence: "console, 2026-05-01 09:20, list of all payments of the day" };
const notMoved: Resolution = { outcome: "not-moved", ...who };
const moved = (tid?: string): Resolution => ({
  outcome: "moved",
  ...who,
  ...(tid === undefined ? {} : { tid }),
});

describe.each(rooms)("a resolution that is followed by later facts, in %s", (_, open) => {
  const { ledger, pass } = freshLedgers(open);

  const after = (ms: number) => pass(ms / 1_000);
  /** The deadline is a minute after sending, and a late commit possible for ten more. */
  const lateEnough = () => after(minutes(11));
  const unknownApproval = async (orderId = newOrder()): Promise<ReservedApproval> =>
    settled(ledger, await sentApproval(ledger, orderId), { outcome: "unknown" });
  const unknownCancel = async (): Promise<ReservedCancel> =>
    settled(ledger, await sentCancel(ledger), { outcome: "unknown" });

  describe("of an approval", () => {
    const tid = { known: "" };
    const reports: Record<string, () => CallOutcome> = {
      succeeded: () => ({ outcome: "succeeded", tid: tid.known, price }),
      "succeeded with another tid": () => ({ outcome: "succeeded", tid: newTid(), price }),
      moved: () => ({ outcome: "moved", tid: tid.known, price: 9_999 }),
      refused: () => ({ outcome: "refused", resultCode: "1234" }),
      "not-sent": () => ({ outcome: "not-sent" }),
      unknown: () => ({ outcome: "unknown" }),
    };
    it.each([
      ["moved", "succeeded", "approved", "paid"],
      ["moved", "succeeded with another tid", "approved", "needs-review"],
      ["moved", "moved", "approved", "needs-review"],
      ["moved", "refused", "approved", "needs-review"],
      ["moved", "not-sent", "approved", "needs-review"],
      ["moved", "unknown", "approved", "paid"],
      ["not moved", "succeeded", "mismatch", "needs-review"],
      ["not moved", "succeeded with another tid", "mismatch", "needs-review"],
      ["not moved", "moved", "mismatch", "needs-review"],
      ["not moved", "refused", "settled_not_moved", "not-sent"],
      ["not moved", "not-sent", "settled_not_moved", "not-sent"],
      ["not moved", "unknown", "settled_not_moved", "not-sent"],
    ])("%s, then %s: %s, %s", async (resolution, report, state, status) => {
      tid.known = newTid();
      const call = await unknownApproval();
      lateEnough();
      await ledger.payments.resolve(call.orderId, resolution === "moved" ? moved(tid.known) : notMoved);
      const order = await ledger.store.settle(call, reports[report]?.() ?? { outcome: "unknown" });
      expect(order.status).toBe(status);
      expect(await stateOf(ledger, call)).toBe(state);
      const lines = await ledger.payments.timeline(call.orderId);
      expect(lines.filter(({ evidence }) => evidence !== undefined)).toHaveLength(1);
      const listed = (await ledger.payments.needsReview()).map(({ orderId }) => orderId);
      expect(listed).toEqual(status === "needs-review" ? [call.orderId] : []);
    });

    it("locks the order also when it was paid again meanwhile", async () => {
      const call = await unknownApproval();
      lateEnough();
      await ledger.payments.resolve(call.orderId, notMoved);
      const again = await sentApproval(ledger, call.orderId);
      await ledger.store.settle(again, { outcome: "succeeded", tid: newTid(), price });
      const order = await ledger.store.settle(call, { outcome: "succeeded", tid: newTid(), price });
      expect(order.status).toBe("needs-review");
      expect((await ledger.payments.timeline(call.orderId)).at(-1)).toMatchObject({
        what: "approval-mismatch",
        callId: call.id,
        outcome: "succeeded",
      });
      expect(await ledger.payments.needsReview()).toMatchObject([{ orderId: call.orderId, mismatch: true }]);
    });
  });

  describe("of a cancel", () => {
    const reports: Record<string, CallOutcome> = {
      succeeded: { outcome: "succeeded", price: 3_000, remainingPrice: 7_000, cancelTid: "c1" },
      "succeeded with another tid": {
        outcome: "succeeded",
        price: 3_000,
        remainingPrice: 7_000,
        cancelTid: "c2",
      },
      moved: { outcome: "moved", price: 2_000, cancelTid: "c1" },
      refused: { outcome: "refused", resultCode: "1005" },
      "already cancelled": { outcome: "refused", resultCode: "01" },
      "not-sent": { outcome: "not-sent" },
      unknown: { outcome: "unknown" },
    };
    it.each([
      ["moved", "succeeded", "done", "partially-cancelled", 7_000],
      ["moved", "succeeded with another tid", "done", "needs-review", 7_000],
      ["moved", "moved", "done", "needs-review", 7_000],
      ["moved", "refused", "done", "needs-review", 7_000],
      ["moved", "not-sent", "done", "needs-review", 7_000],
      ["moved", "unknown", "done", "partially-cancelled", 7_000],
      ["moved, no tid", "succeeded", "done", "partially-cancelled", 7_000],
      ["moved, no tid", "refused", "done", "needs-review", 7_000],
      ["not moved", "succeeded", "mismatch", "needs-review", price],
      ["not moved", "moved", "mismatch", "needs-review", price],
      ["not moved", "refused", "settled_not_moved", "paid", price],
      ["not moved", "already cancelled", "mismatch", "needs-review", price],
      ["not moved", "not-sent", "settled_not_moved", "paid", price],
      ["not moved", "unknown", "settled_not_moved", "paid", price],
    ])("%s, then %s: %s, %s, %i won remain", async (resolution, report, state, status, remainingPrice) => {
      const call = await unknownCancel();
      lateEnough();
      const resolutions: Record<string, Resolution> = {
        moved: moved("c1"),
        "moved, no tid": moved(),
        "not moved": notMoved,
      };
      await ledger.payments.resolve(call.orderId, resolutions[resolution] ?? notMoved);
      const order = await ledger.store.settle(call, reports[report] ?? { outcome: "unknown" });
      expect(order).toMatchObject({ status, remainingPrice });
      expect(await stateOf(ledger, call)).toBe(state);
      const { gateway, paid, suspense } = await ledger.payments.balance(call.orderId);
      expect({ gateway, paid }).toEqual({ gateway: remainingPrice + suspense, paid: remainingPrice });
    });
  });

  it("of a full cancel with a tid matches a reply without one", async () => {
    const { orderId } = await payment(ledger);
    const reservation = await ledger.store.reserveCancel({ orderId });
    if (reservation.status !== "reserved") throw new Error(reservation.reason);
    const { call } = reservation;
    await ledger.store.markSending(call);
    await ledger.store.settle(call, { outcome: "unknown" });
    lateEnough();
    expect((await ledger.payments.resolve(orderId, moved(newTid()))).status).toBe("settled");
    expect((await ledger.store.settle(call, { outcome: "succeeded" })).status).toBe("cancelled");
    expect(await ledger.payments.needsReview()).toEqual([]);
  });
});
