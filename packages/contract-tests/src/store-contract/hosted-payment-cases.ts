import assert from "node:assert/strict";
import { assertMatches, assertRejects, atOnce } from "./assertions.js";
import type { ContractCase } from "./contract-case.js";
import { definePageCases, type OpenPageContract } from "./hosted-payment-steps.js";
import { linkCases } from "./link-cases.js";
import { assertRefused, newOrder, newTid, price } from "./payment-steps.js";
import { sampleAccount } from "./sample-notifications.js";

/** The contract of every `LinkStore`, and of a `PaymentStore` that approves hosted payments. */
export function hostedPaymentCases(open: OpenPageContract): readonly ContractCase[] {
  return [...linkCases(open), ...approvalCases(open), ...netCancelCases(open), ...accountCases(open)];
}

function approvalCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("hosted approvals", open, {
    "use the link's order number": async (steps) => {
      const { call, link, tid } = await steps.sent();
      assert.equal(call.oid, link.oid);
      const order = await steps.store.settle(call, { outcome: "succeeded", tid, price });
      assertMatches(order, { status: "paid", remainingPrice: price, tid, payType: "card" });
    },

    "accept a transaction that differs from the authentication's": async (steps) => {
      const { call } = await steps.sent();
      const tid = newTid();
      const order = await steps.store.settle(call, { outcome: "succeeded", tid, price });
      assertMatches(order, { status: "paid", tid });
    },

    "are reserved once for 16 concurrent returns of a transaction": async (steps) => {
      const link = await steps.link();
      const { orderId, oid } = link;
      const page = { oid, tid: newTid() };
      const results = await atOnce(16, steps, (store) =>
        store.reserveApproval({ orderId, price, payType: "card", page }),
      );
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
      for (const result of results) if (result.status === "refused") assertRefused(result, "in-progress");
    },

    "are refused for a transaction that was declined before": async (steps) => {
      const { link, tid } = await steps.ended("refused");
      assertRefused(await steps.pageApproval(link, tid), "tid-used");
      assertRefused(await steps.pageApproval(await steps.link(link.orderId, "vbank"), tid), "tid-used");
    },

    "are refused for a transaction of another order": async (steps) => {
      const paid = await steps.ended("succeeded");
      const other = await steps.sent();
      const tid = newTid();
      await steps.store.settle(other.call, { outcome: "succeeded", tid, price });
      for (const used of [paid.tid, other.tid, tid]) {
        assertRefused(await steps.pageApproval(await steps.link(), used), "tid-used");
      }
    },

    "are refused for the order's state before the transaction's": async (steps) => {
      const { link, tid } = await steps.ended("succeeded");
      assertRefused(await steps.pageApproval(link, tid), "already-paid");
    },

    "are reserved after a decline by the same link, in another transaction": async (steps) => {
      const first = await steps.ended("refused");
      const second = await steps.ended("succeeded", first.link);
      assert.equal(second.oid, first.oid);
      assertMatches(second.order, { status: "paid", tid: second.tid });
    },

    "are accepted by a closed link": async (steps) => {
      const link = await steps.link();
      await steps.store.closeLink(link.token);
      assertMatches(await steps.ended("succeeded", link), { order: { status: "paid" } });
    },

    "require a link of this order with this price": async (steps) => {
      const link = await steps.link();
      const tid = newTid();
      await assertRejects(() => steps.pageApproval({ ...link, orderId: newOrder() }, tid));
      await assertRejects(() => steps.pageApproval({ ...link, price: price + 1 }, tid));
      await assertRejects(() => steps.pageApproval({ ...link, oid: "none" }, tid));
      await assertRejects(() => steps.pageApproval(link, "a\u0000b"));
      assert.equal(await steps.order(link.orderId), undefined);
    },
  });
}

function netCancelCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("net cancels", open, {
    "carry the authentication's transaction and the full price": async (steps) => {
      const { orderId, tid } = await steps.ended("unknown");
      const reservation = await steps.netCancel(orderId);
      assertMatches(reservation, {
        status: "reserved",
        call: {
          kind: "cancel",
          operation: "payments.cancel",
          payType: "card",
          tid,
          cancelPrice: price,
          confirmPrice: 0,
          netCancel: true,
        },
      });
      assertMatches(await steps.order(orderId), { status: "unknown", cancel: { status: "in-progress" } });
      assertRefused(await steps.netCancel(orderId), "in-progress");
    },

    "are reserved for one of 16 concurrent callers": async (steps) => {
      const { orderId } = await steps.ended("unknown");
      const results = await atOnce(16, steps, (store) => store.reserveCancel({ orderId, netCancel: true }));
      assert.equal(results.filter(({ status }) => status === "reserved").length, 1);
    },

    "that succeed free the order": async (steps) => {
      const { orderId, order, link, tid } = await steps.netCancelled("succeeded");
      assertMatches(order, { status: "net-cancelled", remainingPrice: 0, cancel: { status: "done" } });
      assertRefused(await steps.netCancel(orderId), "not-paid");
      assertRefused(await steps.store.reserveCancel({ orderId }), "not-paid");
      assertRefused(await steps.pageApproval(link, tid), "tid-used");
      assertMatches(await steps.ended("succeeded", link), { order: { status: "paid" } });
    },

    "that were refused or not sent can be repeated": async (steps) => {
      for (const outcome of ["refused", "not-sent"] as const) {
        const { orderId, order } = await steps.netCancelled(outcome);
        assertMatches(order, { status: "unknown", cancel: { status: outcome } });
        assertRefused(await steps.openLink(orderId), "outcome-unknown");
        const again = await steps.netCancelling(orderId);
        assertMatches(await steps.store.settle(again, { outcome: "succeeded" }), {
          status: "net-cancelled",
        });
      }
    },

    "of unknown outcome lock the order": async (steps) => {
      const { orderId, cancel, order } = await steps.netCancelled("unknown");
      assertMatches(order, { status: "unknown", cancel: { status: "unknown" } });
      assertRefused(await steps.netCancel(orderId), "outcome-unknown");
      assertMatches(await steps.store.settle(cancel, { outcome: "succeeded" }), {
        status: "net-cancelled",
      });
    },

    "are refused unless an approval of the payment page is unknown": async (steps) => {
      assertRefused(await steps.netCancel(newOrder()), "not-paid");
      for (const outcome of ["succeeded", "refused", "not-sent"] as const) {
        const { orderId } = await steps.ended(outcome);
        assertRefused(await steps.netCancel(orderId), "not-paid");
      }
      const reservation = await steps.store.reserveApproval({ orderId: newOrder(), price, payType: "card" });
      assert(reservation.status === "reserved");
      const { call } = reservation;
      await steps.store.markSending(call);
      await steps.store.settle(call, { outcome: "unknown" });
      assertRefused(await steps.netCancel(call.orderId), "not-paid");
    },

    "do not hide a success of the approval that is reported afterwards": async (steps) => {
      const { call, orderId, tid } = await steps.netCancelled("succeeded");
      const order = await steps.store.settle(call, { outcome: "succeeded", tid, price });
      assert.equal(order.status, "needs-review");
      assertRefused(await steps.openLink(orderId), "needs-review");
    },

    "cancel an approval that proved successful while they ran": async (steps) => {
      const { call, orderId, tid } = await steps.ended("unknown");
      const cancel = await steps.netCancelling(orderId);
      const late = await steps.store.settle(call, { outcome: "succeeded", tid, price });
      assertMatches(late, { status: "in-progress", remainingPrice: price });
      assertRefused(await steps.store.reserveCancel({ orderId }), "in-progress");
      const order = await steps.store.settle(cancel, { outcome: "succeeded" });
      assertMatches(order, { status: "cancelled", remainingPrice: 0 });
    },

    "keep an approval that proved successful when they fail": async (steps) => {
      const { call, orderId, tid } = await steps.ended("unknown");
      const cancel = await steps.netCancelling(orderId);
      await steps.store.settle(call, { outcome: "succeeded", tid, price });
      const order = await steps.store.settle(cancel, { outcome: "refused" });
      assertMatches(order, { status: "paid", remainingPrice: price, cancel: { status: "refused" } });
    },
  });
}

function accountCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("issued virtual accounts", open, {
    "are shown and do not lock the order": async (steps) => {
      const link = await steps.link(newOrder(), "vbank");
      const { orderId, oid } = link;
      const dueAt = new Date("2026-05-11T14:59:59Z");
      const issued = { account: "123-456", bankCode: "04", accountHolder: "홍길동", dueAt };
      const order = await steps.store.awaitDeposit({ orderId, oid, price, tid: newTid(), ...issued });
      assertMatches(order, {
        status: "awaiting-deposit",
        price,
        remainingPrice: 0,
        payType: "vbank",
        account: { number: "123-456", bankCode: "04", holder: "홍길동", dueAt },
      });
      assert.deepEqual(await steps.order(orderId), order);
      assertRefused(await steps.store.reserveCancel({ orderId }), "not-paid");
      assertMatches(await steps.openLink(orderId, "vbank"), { status: "existing" });
      assertMatches((await steps.paidOtherwise(orderId)).order, { status: "paid", payType: "card" });
    },

    "are recorded once": async (steps) => {
      const { link, tid, order, orderId } = await steps.awaiting();
      const again = await atOnce(8, steps, (store) =>
        store.awaitDeposit({ orderId, oid: link.oid, price, tid, account: sampleAccount }),
      );
      for (const each of again) assert.deepEqual(each, order);
    },

    "are recorded once by concurrent callers": async (steps) => {
      const { orderId, oid } = await steps.link(newOrder(), "vbank");
      const issued = { orderId, oid, price, tid: newTid(), account: sampleAccount };
      const orders = await atOnce(16, steps, (store) => store.awaitDeposit(issued));
      for (const order of orders) assertMatches(order, { status: "awaiting-deposit" });
    },

    "still await a deposit after another payment was declined": async (steps) => {
      const { orderId } = await steps.awaiting();
      const reservation = await steps.store.reserveApproval({ orderId, price, payType: "card" });
      assert(reservation.status === "reserved");
      await steps.store.markSending(reservation.call);
      const order = await steps.store.settle(reservation.call, { outcome: "refused" });
      assertMatches(order, { status: "awaiting-deposit", account: { number: sampleAccount } });
    },

    "do not change the status of a paid order": async (steps) => {
      const link = await steps.link(newOrder(), "vbank");
      const { order } = await steps.paidOtherwise(link.orderId);
      assert.deepEqual(await steps.awaitDeposit(link, newTid()), order);
    },

    "are refused in another payment's transaction": async (steps) => {
      const paid = await steps.ended("succeeded");
      const link = await steps.link(newOrder(), "vbank");
      await assertRejects(() => steps.awaitDeposit(link, paid.tid));
      const { tid } = await steps.awaiting();
      await assertRejects(() => steps.awaitDeposit(link, tid));
      assertRefused(await steps.pageApproval(await steps.link(), tid), "tid-used");
      assert.equal(await steps.order(link.orderId), undefined);
    },

    "require a link for virtual accounts": async (steps) => {
      const link = await steps.link();
      await assertRejects(() => steps.awaitDeposit(link, newTid()));
      const wrong = { ...(await steps.link(newOrder(), "vbank")), price: price + 1 };
      await assertRejects(() => steps.awaitDeposit(wrong, newTid()));
    },
  });
}
