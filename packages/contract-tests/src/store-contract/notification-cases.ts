import assert from "node:assert/strict";
import { assertMatches, atOnce } from "./assertions.js";
import type { ContractCase } from "./contract-case.js";
import { depositCases } from "./deposit-cases.js";
import { definePageCases, type OpenPageContract } from "./hosted-payment-steps.js";
import { newOrder, newTid, price } from "./payment-steps.js";

/** What core's handler relies on in every `NotificationStore`. */
export function notificationCases(open: OpenPageContract): readonly ContractCase[] {
  return [
    ...storingCases(open),
    ...paymentCases(open),
    ...depositCases(open),
    ...mismatchCases(open),
    ...forgeryCases(open),
  ];
}

function storingCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("notifications", open, {
    "have one effect, however often they are delivered": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      const received = steps.samples.deposited({ oid, tid });
      const receipts = await atOnce(16, steps, (store) => store.receiveNotification(received));
      assert.deepEqual(receipts.map(({ effect }) => effect).sort(), [
        "applied",
        ...Array.from({ length: 15 }, () => "known"),
      ]);
      for (const receipt of receipts) assert.equal(receipt.orderId, orderId);
      assertMatches(await steps.order(orderId), { status: "paid", remainingPrice: price });
      assert.equal(await steps.effectOf(received), "known");
    },

    "that are repeated with other content change nothing": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      await steps.store.receiveNotification(steps.samples.deposited({ oid, tid }));
      const order = await steps.order(orderId);
      const changed = { fields: { nm_input: "another" } };
      const other = steps.samples.deposited({ oid, tid }, changed);
      assert.equal(await steps.effectOf(other), "mismatch");
      assert.equal(await steps.effectOf(other), "mismatch");
      assert.equal(await steps.effectOf(steps.samples.deposited({ oid, tid })), "known");
      assert.deepEqual(await steps.order(orderId), order);
    },

    "of another merchant are quarantined": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("unknown");
      const fields = { P_MID: "another" };
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid }, { fields })), "quarantined");
      assert.equal(await steps.statusOf(orderId), "unknown");
    },

    "about an unknown order are quarantined": async (steps) => {
      const payment = { oid: newOrder(), tid: newTid() };
      const { approved, deposited, reversed, accountIssued } = steps.samples;
      for (const [index, sample] of [approved, deposited, reversed, accountIssued].entries()) {
        const tid = `${payment.tid}${index}`;
        assert.deepEqual(await steps.store.receiveNotification(sample({ ...payment, tid })), {
          effect: "quarantined",
        });
      }
    },

    "of a failure change nothing": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("unknown");
      assert.equal(await steps.effectOf(steps.samples.failed({ oid, tid })), "ignored");
      assert.equal(await steps.statusOf(orderId), "unknown");
    },

    "with an unrecognized status change nothing and are kept for review": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("unknown");
      const { approved, deposited } = steps.samples;
      const unreadable = [
        approved({ oid, tid }, { fields: { P_TYPE: "NEWPAY" } }),
        approved({ oid, tid }, { fields: { P_TYPE: "NEWPAY", P_STATUS: "02" } }),
        approved({ oid, tid }, { fields: { P_STATUS: "03" } }),
        approved({ oid: newOrder(), tid: newTid() }, { fields: { P_STATUS: "03" } }),
        deposited({ oid, tid }, { fields: { type_msg: "0210" } }),
        approved({ oid, tid: newTid() }, { fields: { P_AMT: "1.5e4" } }),
        deposited({ oid, tid }, { fields: { amt_input: "1.5e4" } }),
      ];
      for (const received of unreadable) {
        assert.equal(await steps.effectOf(received), "quarantined", received.notification.dedupeKey);
      }
      assert.equal(await steps.statusOf(orderId), "unknown");
    },
  });
}

function paymentCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("notified approvals", open, {
    "end an unknown approval": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("unknown");
      const receipt = await steps.store.receiveNotification(steps.samples.approved({ oid, tid }));
      assert.deepEqual(receipt, { effect: "applied", orderId });
      const approvedAt = new Date("2026-05-01T10:11:12+09:00");
      assertMatches(await steps.order(orderId), { status: "paid", remainingPrice: price, tid, approvedAt });
    },

    "end an unknown approval in a new transaction": async (steps) => {
      const { orderId, oid } = await steps.ended("unknown");
      const tid = newTid();
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "applied");
      assertMatches(await steps.order(orderId), { status: "paid", tid });
    },

    "do not end an unknown approval in another payment's transaction": async (steps) => {
      const { orderId, oid, order } = await steps.ended("unknown");
      for (const { tid } of [await steps.ended("succeeded"), await steps.ended("refused")]) {
        assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "mismatch");
      }
      assert.deepEqual(await steps.order(orderId), order);
    },

    "change nothing after the reply": async (steps) => {
      const { orderId, oid, tid, order } = await steps.ended("succeeded");
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "known");
      assert.deepEqual(await steps.order(orderId), order);
    },

    "may come before the reply, which then confirms them": async (steps) => {
      const { call, orderId, oid, tid } = await steps.sent();
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "applied");
      assert.equal(await steps.statusOf(orderId), "paid");
      const own = newTid();
      const order = await steps.store.settle(call, { outcome: "succeeded", tid: own, price });
      assertMatches(order, { status: "paid", remainingPrice: price, tid: own });
    },

    "are kept when the reply is lost": async (steps) => {
      const { call, oid, tid } = await steps.sent();
      await steps.store.receiveNotification(steps.samples.approved({ oid, tid }));
      assertMatches(await steps.store.settle(call, { outcome: "unknown" }), { status: "paid" });
    },

    "do not hide a reply that differs from them": async (steps) => {
      const { call, oid, tid } = await steps.sent();
      await steps.store.receiveNotification(steps.samples.approved({ oid, tid }));
      assertMatches(await steps.store.settle(call, { outcome: "refused" }), { status: "needs-review" });
    },

    "stop a reserved call from being sent": async (steps) => {
      const { call, oid, tid } = await steps.authenticated();
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "applied");
      await assert.rejects(steps.store.markSending(call));
    },

    "pay an order whose approval was not reserved here": async (steps) => {
      const { orderId, oid } = await steps.link();
      const tid = newTid();
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "applied");
      assertMatches(await steps.order(orderId), { status: "paid", tid, payType: "card" });
    },
  });
}

function mismatchCases(open: OpenPageContract): readonly ContractCase[] {
  return definePageCases("mismatches", open, {
    "arise after a refusal or a call that was not sent": async (steps) => {
      for (const outcome of ["refused", "not-sent"] as const) {
        const { orderId, oid, tid } = await steps.ended(outcome);
        assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "mismatch");
        assert.equal(await steps.statusOf(orderId), "needs-review");
      }
    },

    "arise after a net cancel": async (steps) => {
      const { orderId, oid, tid } = await steps.netCancelled("succeeded");
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "mismatch");
      assert.equal(await steps.statusOf(orderId), "needs-review");
    },

    "arise after another transaction of the same link": async (steps) => {
      const { orderId, oid } = await steps.ended("succeeded");
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid: newTid() })), "mismatch");
      assert.equal(await steps.statusOf(orderId), "needs-review");
    },

    "do not arise for the payment that was cancelled": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("succeeded");
      const reservation = await steps.store.reserveCancel({ orderId });
      assert(reservation.status === "reserved");
      await steps.store.markSending(reservation.call);
      await steps.store.settle(reservation.call, { outcome: "succeeded" });
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid })), "known");
      assert.equal(await steps.statusOf(orderId), "cancelled");
    },

    "include an escrow payment that was cancelled outside the shop": async (steps) => {
      const { orderId, oid, tid } = await steps.ended("succeeded");
      const registered = { fields: { cl_status: "2" } };
      assert.equal(await steps.effectOf(steps.samples.escrowCancelled({ oid, tid }, registered)), "ignored");
      assert.equal(await steps.statusOf(orderId), "paid");
      assert.equal(await steps.effectOf(steps.samples.escrowCancelled({ oid, tid })), "mismatch");
      assert.equal(await steps.statusOf(orderId), "needs-review");
    },
  });
}

function forgeryCases(open: OpenPageContract): readonly ContractCase[] {
  const unlisted = { listed: false };
  return definePageCases("notifications from unlisted sources", open, {
    "move no money": async (steps) => {
      const unknown = await steps.ended("unknown");
      const awaiting = await steps.awaiting();
      const link = await steps.link(newOrder(), "vbank");
      const { approved, deposited, mobileDeposited, accountIssued, reversed } = steps.samples;
      const issued = { oid: link.oid, tid: newTid() };
      for (const forged of [
        approved(unknown, unlisted),
        deposited(awaiting, unlisted),
        mobileDeposited(awaiting, unlisted),
        reversed(awaiting, unlisted),
        accountIssued(issued, unlisted),
      ]) {
        assert.equal(await steps.effectOf(forged), "quarantined");
      }
      assert.equal(await steps.statusOf(unknown.orderId), "unknown");
      assert.equal(await steps.statusOf(awaiting.orderId), "awaiting-deposit");
      assert.equal(await steps.order(link.orderId), undefined);
    },

    "are accepted when they repeat what is known": async (steps) => {
      const { orderId, oid, tid, order } = await steps.ended("succeeded");
      assert.equal(await steps.effectOf(steps.samples.approved({ oid, tid }, unlisted)), "known");
      assert.deepEqual(await steps.order(orderId), order);
    },

    "are distinguished by whether they concern a known order or transaction": async (steps) => {
      const { approved, deposited, escrowCancelled } = steps.samples;
      const about = (sample: typeof approved, payment: { oid: string; tid: string }, changes = unlisted) =>
        steps.store.findNotified(sample(payment, changes).notification);
      const paid = await steps.ended("succeeded");
      const awaiting = await steps.awaiting();
      const link = await steps.link();
      const [oid, tid] = [newOrder(), newTid()];
      assert.equal(await about(approved, { oid, tid }), undefined);
      assert.equal(await about(deposited, { oid, tid }), undefined);
      const other = { ...unlisted, fields: { P_MID: "another" } };
      assert.equal(await about(approved, paid, other), undefined);
      const known = [];
      for (const { oid } of [paid, awaiting, link]) {
        const subject = await about(approved, { oid, tid });
        assert.equal(typeof subject, "string");
        // The subject is the same for any forged transaction, in both processes.
        assert.equal(await about(escrowCancelled, { oid, tid: newTid() }), subject);
        const { notification } = deposited({ oid, tid: newTid() });
        assert.equal(await steps.another.findNotified(notification), subject);
        known.push(subject);
      }
      for (const { tid } of [paid, awaiting]) {
        const subject = await about(approved, { oid, tid });
        assert.equal(typeof subject, "string");
        assert.equal(await about(approved, { oid: newOrder(), tid }), subject);
        known.push(subject);
      }
      assert.equal(new Set(known).size, known.length);
      assert.deepEqual(await steps.order(paid.orderId), paid.order);
    },

    "do not keep the genuine one from having its effect": async (steps) => {
      const { orderId, oid, tid } = await steps.awaiting();
      const { deposited } = steps.samples;
      assert.equal(await steps.effectOf(deposited({ oid, tid }, unlisted)), "quarantined");
      const other = deposited({ oid, tid }, { ...unlisted, fields: { nm_input: "other" } });
      await steps.store.receiveNotification(other);
      assert.equal(await steps.effectOf(deposited({ oid, tid })), "applied");
      assert.equal(await steps.statusOf(orderId), "paid");
    },
  });
}
