import assert from "node:assert/strict";
import type { CallOutcome, PaymentStore, RefusedReason } from "@payapi/core";
import { assertMatches, assertRejects, atOnce } from "./assertions.js";
import { type ContractCase, defineCases, each, type OpenContract } from "./contract-case.js";
import { assertRefused, newOrder, newTid, PaymentSteps, price } from "./payment-steps.js";

/** Reservations of approvals, and the stored orders. */
export function approvalCases(open: OpenContract<PaymentStore>): readonly ContractCase[] {
  return defineCases("approvals", open, (stores) => new PaymentSteps(stores), {
    "are undefined for an order without attempts": async (steps) => {
      const orderId = newOrder();
      assert.equal(await steps.store.findOrder(orderId), undefined);
      const refused = await steps.cancel(orderId);
      assertRefused(refused, "not-paid");
      assertMatches(refused, { order: undefined });
    },

    "are reserved and shown as in progress": async (steps) => {
      const orderId = newOrder();
      const call = await steps.reserved(orderId);
      assertMatches(call, { kind: "approval", orderId, price });
      const order = await steps.store.findOrder(orderId);
      assertMatches(order, { orderId, status: "in-progress", price, remainingPrice: 0 });
      assertRefused(await steps.approval(orderId), "in-progress");
    },

    "are reserved for one of 32 concurrent callers in two processes": async (steps) => {
      const orderId = newOrder();
      const results = await atOnce(32, steps, (store) =>
        store.reserveApproval({ orderId, price, payType: "card" }),
      );
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
      for (const result of results) if (result.status === "refused") assertRefused(result, "in-progress");
    },

    "stay locked while they are being sent": async (steps) => {
      const { orderId } = await steps.sent();
      assert.equal(await steps.statusOf(orderId), "in-progress");
      assertRefused(await steps.approval(orderId), "in-progress");
    },

    "are visible to other processes immediately": async (steps) => {
      const call = await steps.reserved();
      await steps.another.markSending(call);
      await steps.another.settle(call, { outcome: "succeeded", tid: newTid(), price });
      const order = await steps.store.findOrder(call.orderId);
      assertMatches(order, { status: "paid", remainingPrice: price });
    },

    "keep the fields of the reply": async (steps) => {
      const known = {
        tid: newTid(),
        applNum: "30012345",
        resultCode: "00",
        resultMessage: "정상처리",
      };
      const at = new Date("2026-05-01T12:34:56+09:00");
      const { orderId, order } = await steps.ended({ outcome: "succeeded", price, at, ...known });
      const expected = { orderId, status: "paid", price, remainingPrice: price, approvedAt: at, ...known };
      assertMatches(order, expected);
      assertMatches(await steps.another.findOrder(orderId), expected);
    },

    ...each<CallOutcome, PaymentSteps>(
      {
        "a refusal": { outcome: "refused", resultCode: "1234" },
        "a call that was not sent": { outcome: "not-sent", code: "connect-failed" },
      },
      (label) => `let the buyer try again after ${label}, under a new oid`,
      async (steps, outcome) => {
        const { orderId, call, order } = await steps.ended(outcome);
        assertMatches(order, {
          status: outcome.outcome === "refused" ? "declined" : "not-sent",
          remainingPrice: 0,
        });
        const second = await steps.reserved(orderId, 12_000);
        assertMatches(second, { orderId, price: 12_000 });
        assert.notEqual(second.oid, call.oid);
      },
    ),

    ...each<{ outcome: CallOutcome; status: string; reason: RefusedReason }, PaymentSteps>(
      {
        paid: { outcome: { outcome: "succeeded", price }, status: "paid", reason: "already-paid" },
        unknown: {
          outcome: { outcome: "unknown", code: "reply-lost" },
          status: "unknown",
          reason: "outcome-unknown",
        },
        "moved otherwise than asked": {
          outcome: { outcome: "moved", price: 1 },
          status: "needs-review",
          reason: "needs-review",
        },
      },
      (label) => `are refused for an order that is ${label}`,
      async (steps, { outcome, status, reason }) => {
        const { orderId, order } = await steps.ended({ ...outcome, tid: newTid() });
        assert.equal(order.status, status);
        const refused = await steps.approval(orderId);
        assertRefused(refused, reason);
        assertMatches(refused, { order: { orderId, status } });
      },
    ),

    "are refused for an order that was cancelled": async (steps) => {
      const { orderId } = await steps.paid();
      await steps.cancelEnded(orderId, { outcome: "succeeded" }, price);
      assertRefused(await steps.approval(orderId), "already-cancelled");
    },

    "get a unique oid that the gateway accepts, whatever the order id": async (steps) => {
      const ids = ["a", "a-1", "a-1-1", "주문 7", "x".repeat(150), "x".repeat(149), "a b", "a_b", "a&b=c"];
      const unique = newOrder().slice(6);
      const oids: string[] = [];
      for (const id of ids) {
        for (let attempt = 0; attempt < 3; attempt++) {
          const { call } = await steps.ended({ outcome: "refused" }, `${unique}${id}`);
          oids.push(call.oid);
        }
      }
      assert.equal(new Set(oids).size, oids.length, "An oid was used twice");
      for (const oid of oids) assert.match(oid, /^[A-Za-z0-9_-]{1,30}$/);
    },

    ...each<number, PaymentSteps>(
      {
        nothing: 0,
        "less than nothing": -1,
        "half a won": 1.5,
        "no number": Number.NaN,
        "too much": 2 ** 53,
      },
      (label) => `throw when asked for ${label}`,
      async (steps, wanted) => {
        const orderId = newOrder();
        await assertRejects(async () => steps.approval(orderId, wanted));
        assert.equal(await steps.store.findOrder(orderId), undefined);
      },
    ),
  });
}
