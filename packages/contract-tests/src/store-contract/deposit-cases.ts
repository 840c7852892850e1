import assert from "node:assert/strict";
import { assertMatches } from "./assertions.js";
import type { ContractCase } from "./contract-case.js";
import { definePageCases, type OpenPageContract } from "./hosted-payment-steps.js";
import { assertRefused, newOrder, newTid, price } from "./payment-steps.js";
import { sampleAccount } from "./sample-notifications.js";

/** The effect of a notified deposit to a virtual account on its order. */
export function depositCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("deposits", open, {
    "pay the order that waits for them": async (steps) => {
      const { mobileDeposited, deposited } = steps.samples;
      for (const sample of [mobileDeposited, deposited]) {
        const { orderId, oid, tid } = await steps.awaiting();
        assert.equal(await steps.effectOf(sample({ oid, tid })), "applied");
        const order = await steps.order(orderId);
        assertMatches(order, { status: "paid", remainingPrice: price, tid, payType: "vbank" });
        assertRefused(await steps.openLink(orderId), "already-paid");
      }
    },

    "are recognized when they are reported by the other notification too": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      await steps.store.receiveNotification(steps.samples.mobileDeposited({ oid, tid }));
      assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid })), "known");
      assertMatches(await steps.order(orderId), { status: "paid", remainingPrice: price });
    },

    "pay the order even if the issue of the account was not reported": async (steps) => {
      const { orderId, oid } = await steps.link(newOrder(), "vbank");
      const tid = newTid();
      assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid })), "applied");
      assertMatches(await steps.order(orderId), { status: "paid", tid });
    },

    "are not confused with the issue of an account": async (steps) => {
      const { orderId, oid } = await steps.link(newOrder(), "vbank");
      const tid = newTid();
      assert.equal(await steps.effectOf(steps.samples.accountIssued({ oid, tid })), "applied");
      const order = await steps.order(orderId);
      const account = { number: sampleAccount, bankCode: "04" };
      assertMatches(order, { status: "awaiting-deposit", remainingPrice: 0, account });
      assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid })), "applied");
    },

    "of another amount need review": async (steps) => {
      const { orderId, oid, tid, order } = await steps.awaiting();
      for (const wrong of [price - 1, price + 1, 1]) {
        assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid, price: wrong })), "mismatch");
      }
      assert.deepEqual(await steps.order(orderId), order);
    },

    "to another account or in another transaction need review": async (steps) => {
      const { orderId, oid, tid, order } = await steps.awaiting();
      const { deposited } = steps.samples;
      assert.equal(await steps.effectOf(deposited({ oid, tid, account: "999" })), "mismatch");
      assert.equal(await steps.effectOf(deposited({ oid, tid: newTid() })), "mismatch");
      const other = await steps.awaiting();
      const tm_trans = "101113";
      const swapped = deposited({ oid, tid: other.tid }, { fields: { tm_trans } });
      assert.equal(await steps.effectOf(swapped), "mismatch");
      assert.deepEqual(await steps.order(orderId), order);
    },

    "do not pay an order that awaits a card payment, nor the reverse": async (steps) => {
      const { orderId, oid, tid, order } = await steps.awaiting();
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "mismatch");
      assert.deepEqual(await steps.order(orderId), order);
      const unknown = await steps.ended("unknown");
      for (const name of ["deposited", "reversed", "accountIssued"] as const) {
        assert.equal(await steps.effectOf(steps.samples[name](unknown)), "mismatch");
      }
      assert.deepEqual(await steps.order(unknown.orderId), unknown.order);
    },

    "for an order that was paid by other means need review": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      await steps.paidOtherwise(orderId);
      assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid })), "mismatch");
      assert.equal(await steps.statusOf(orderId), "needs-review");
      assertRefused(await steps.store.reserveCancel({ orderId }), "needs-review");
    },

    "that are reversed need review": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      await steps.store.receiveNotification(steps.samples.deposited({ oid, tid }));
      assert.equal(await steps.effectOf(steps.samples.reversed({ oid, tid })), "mismatch");
      assert.equal(await steps.statusOf(orderId), "needs-review");
    },

    "end the same when the reversal comes first": async (steps) => {
      const orders = [];
      for (const names of [["deposited", "reversed"] as const, ["reversed", "deposited"] as const]) {
        const { orderId, oid, tid } = await steps.awaiting();
        for (const name of names) await steps.store.receiveNotification(steps.samples[name]({ oid, tid }));
        const { orderId: _, oid: __, tid: ___, ...order } = (await steps.order(orderId)) ?? {};
        orders.push(order);
      }
      assert.deepEqual(orders[0], orders[1]);
      assertMatches(orders[0], { status: "needs-review" });
    },
  });
}
