import assert from "node:assert/strict";
import type { CallOutcome, PaymentStore, RefusedReason } from "@payapi/core";
import { assertMatches, assertRejects, atOnce } from "./assertions.js";
import { type ContractCase, defineCases, each, type OpenContract } from "./contract-case.js";
import { assertRefused, newTid, PaymentSteps, price } from "./payment-steps.js";

/** Cancels, which never refund more than was paid. */
export function cancelCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return defineCases("cancels", open, (stores) => new PaymentSteps(stores), {
    "cancel an untouched payment as a whole": async (steps) => {
      const { orderId, order: paid } = await steps.paid();
      const call = await steps.reservedCancel(orderId);
      assertMatches(call, {
        kind: "cancel",
        orderId,
        operation: "payments.cancel",
        payType: "card",
        tid: paid.tid,
        cancelPrice: price,
        confirmPrice: 0,
      });
      assertMatches(await steps.store.findOrder(orderId), {
        status: "in-progress",
        remainingPrice: price,
        cancel: { status: "in-progress", cancelPrice: price },
      });
      await steps.store.markSending(call);
      const order = await steps.store.settle(call, { outcome: "succeeded", price, resultCode: "00" });
      assertMatches(order, {
        status: "cancelled",
        price,
        remainingPrice: 0,
        cancel: { status: "done", cancelPrice: price, resultCode: "00" },
      });
      assertRefused(await steps.cancel(orderId), "already-cancelled");
    },

    "cancel a part of the full price as a full cancel": async (steps) => {
      const { orderId } = await steps.paid();
      const call = await steps.reservedCancel(orderId, { cancelPrice: price, confirmPrice: 0 });
      assert.equal(call.operation, "payments.cancel");
    },

    "refund an escrow purchase by confirming its rejection": async (steps) => {
      const { orderId } = await steps.paid();
      const reservation = await steps.store.reserveCancel({ orderId, escrow: true });
      assert.equal(reservation.status, "reserved");
      if (reservation.status !== "reserved") return;
      const { call } = reservation;
      assertMatches(call, {
        operation: "escrow.confirmRejection",
        cancelPrice: price,
        confirmPrice: 0,
      });
      await steps.store.markSending(call);
      const ended = await steps.store.settle(call, { outcome: "succeeded" });
      assertMatches(ended, { status: "cancelled", remainingPrice: 0 });
    },

    "cancel a part, and then the rest as a partial cancel": async (steps) => {
      const { orderId } = await steps.paid();
      const reply = { price: 3_000, remainingPrice: 7_000, cancelTid: newTid() };
      const { call, order } = await steps.cancelEnded(orderId, { outcome: "succeeded", ...reply });
      assertMatches(call, {
        operation: "payments.cancelPartially",
        cancelPrice: 3_000,
        confirmPrice: 7_000,
      });
      assertMatches(order, { status: "partially-cancelled", remainingPrice: 7_000 });
      assertRefused(await steps.approval(orderId), "already-paid");
      const rest = await steps.reservedCancel(orderId);
      assertMatches(rest, { operation: "payments.cancelPartially", cancelPrice: 7_000, confirmPrice: 0 });
      await steps.store.markSending(rest);
      const ended = await steps.store.settle(rest, { outcome: "succeeded" });
      assertMatches(ended, { status: "cancelled", remainingPrice: 0 });
    },

    "are refused when the same request is repeated": async (steps) => {
      const { orderId } = await steps.paid();
      await steps.cancelEnded(orderId, { outcome: "succeeded" });
      const repeated = await steps.cancel(orderId, { cancelPrice: 3_000, confirmPrice: 7_000 });
      assertRefused(repeated, "remaining-differs");
    },

    ...each<{ cancelPrice: number; confirmPrice: number }, PaymentSteps>(
      {
        "more than remains": { cancelPrice: price + 1, confirmPrice: 0 },
        "a part that leaves less than stated": { cancelPrice: 3_000, confirmPrice: 7_001 },
        "a part that leaves more than stated": { cancelPrice: 3_000, confirmPrice: 6_999 },
      },
      (label) => `are refused for ${label}`,
      async (steps, part) => {
        const { orderId } = await steps.paid();
        assertRefused(await steps.cancel(orderId, part), "remaining-differs");
        assertMatches(await steps.store.findOrder(orderId), { status: "paid", remainingPrice: price });
      },
    ),

    ...each<number, PaymentSteps>(
      { nothing: 0, "less than nothing": -1, "half a won": 1.5, "no number": Number.NaN },
      (label) => `throw when asked to cancel ${label}`,
      async (steps, cancelPrice) => {
        const { orderId } = await steps.paid();
        const confirmPrice = Number.isNaN(cancelPrice) ? 0 : price - cancelPrice;
        await assertRejects(async () => steps.cancel(orderId, { cancelPrice, confirmPrice }));
        assert.equal(await steps.statusOf(orderId), "paid");
      },
    ),

    ...each<{ outcome?: CallOutcome; reason: RefusedReason }, PaymentSteps>(
      {
        "that is in progress": { reason: "in-progress" },
        "that was declined": { outcome: { outcome: "refused" }, reason: "not-paid" },
        "that was not sent": { outcome: { outcome: "not-sent" }, reason: "not-paid" },
        "that is unknown": { outcome: { outcome: "unknown" }, reason: "outcome-unknown" },
        "that moved otherwise than asked": {
          outcome: { outcome: "moved", price: 5 },
          reason: "needs-review",
        },
      },
      (label) => `are refused for an approval ${label}`,
      async (steps, { outcome, reason }) => {
        const { orderId } =
          outcome === undefined ? await steps.sent() : await steps.ended({ ...outcome, tid: newTid() });
        assertRefused(await steps.cancel(orderId), reason);
      },
    ),

    ...each<CallOutcome, PaymentSteps>(
      {
        refused: { outcome: "refused", resultCode: "1005", resultMessage: "불가" },
        "not-sent": { outcome: "not-sent" },
      },
      (label) => `leave the payment unchanged when they are ${label}`,
      async (steps, outcome) => {
        const { orderId } = await steps.paid();
        const { order } = await steps.cancelEnded(orderId, outcome);
        const cancel = { status: outcome.outcome, cancelPrice: 3_000 };
        assertMatches(order, { status: "paid", remainingPrice: price, cancel });
        assert.equal((await steps.reservedCancel(orderId)).operation, "payments.cancel");
      },
    ),

    "lock the payment while they are unknown": async (steps) => {
      const { orderId } = await steps.paid();
      const { call, order } = await steps.cancelEnded(orderId, { outcome: "unknown" });
      assertMatches(order, {
        status: "unknown",
        remainingPrice: price,
        cancel: { status: "unknown", cancelPrice: 3_000 },
      });
      assertRefused(await steps.cancel(orderId), "outcome-unknown");
      const another = await steps.cancel(orderId, { cancelPrice: 1, confirmPrice: price - 1 });
      assertRefused(another, "outcome-unknown");
      assertRefused(await steps.approval(orderId), "outcome-unknown");
      const ended = await steps.store.settle(call, { outcome: "succeeded" });
      assertMatches(ended, { status: "partially-cancelled", remainingPrice: 7_000 });
    },

    "stay unknown when a repeat is refused": async (steps) => {
      const { orderId } = await steps.paid();
      const { call } = await steps.cancelEnded(orderId, { outcome: "unknown" });
      const order = await steps.store.settle(call, { outcome: "refused", resultCode: "01" });
      assertMatches(order, { status: "unknown" });
    },

    ...each<CallOutcome, PaymentSteps>(
      {
        "moved otherwise than asked": { outcome: "moved", price: 1 },
        "gave back another amount": { outcome: "succeeded", price: 2_999 },
        "left another amount": { outcome: "succeeded", price: 3_000, remainingPrice: 7_001 },
      },
      (label) => `lock the payment when they ${label}`,
      async (steps, outcome) => {
        const { orderId } = await steps.paid();
        const { order } = await steps.cancelEnded(orderId, outcome);
        assertMatches(order, {
          status: "needs-review",
          cancel: { status: "needs-review", cancelPrice: 3_000 },
        });
        assertRefused(await steps.cancel(orderId), "needs-review");
      },
    ),

    "give back once, however often the outcome is settled": async (steps) => {
      const { orderId } = await steps.paid();
      const { call, order } = await steps.cancelEnded(orderId, { outcome: "succeeded" });
      assertMatches(order, { status: "partially-cancelled", remainingPrice: 7_000 });
      for (const outcome of ["succeeded", "unknown"] as const) {
        const again = await steps.another.settle(call, { outcome });
        assertMatches(again, { status: "partially-cancelled", remainingPrice: 7_000 });
      }
    },

    "are reserved for one of 16 concurrent callers, and never give back more than was paid": async (
      steps,
    ) => {
      const { orderId } = await steps.paid();
      let refunded = 0;
      for (let round = 0; round < 4; round++) {
        const confirmPrice = price - refunded - 3_000;
        const part = confirmPrice < 0 ? {} : { part: { cancelPrice: 3_000, confirmPrice } };
        const results = await atOnce(16, steps, (store) => store.reserveCancel({ orderId, ...part }));
        const calls = results.filter((result) => result.status === "reserved");
        assert.equal(calls.length, 1);
        for (const { call } of calls) {
          await steps.store.markSending(call);
          await steps.store.settle(call, { outcome: "succeeded" });
          refunded += call.cancelPrice;
        }
      }
      assert.equal(refunded, price);
      assertMatches(await steps.store.findOrder(orderId), { status: "cancelled", remainingPrice: 0 });
    },
  });
}
