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
} from "./ledger-states.js";
import { freshLedgers, rooms } from "./open-ledgers.js";

describe.each(rooms)("the reports of a ledger, in %s", (_, open) => {
  const { ledger, another, opened, now, pass } = freshLedgers(open);

  describe("timeline and balance", () => {
    it("show the life of a payment", async () => {
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

    it("show money that moved otherwise than asked as suspense", async () => {
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
      const mismatched = await settled(ledger, await sentCancel(ledger), { outcome: "moved", price: 2_000 });
      expect(await ledger.payments.balance(mismatched.orderId)).toEqual({
        gateway: 8_000,
        paid: price,
        suspense: -2_000,
      });
    });
  });

  describe("unknowns", () => {
    it("list every call of unknown outcome, oldest first, with the ids to search for", async () => {
      const approval = await sentApproval(ledger);
      const since = now();
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

    it("list a call past its deadline before recovery", async () => {
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
    it("has each order once, newest attempt first, page by page", async () => {
      const declined = await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      const paid = await payment(ledger);
      const cancel = await settled(ledger, await sentCancel(ledger), { outcome: "succeeded" });
      const again = await reservedApproval(ledger, declined.orderId);
      const ids = [declined.orderId, cancel.orderId, paid.orderId];
      const all = await another.payments.list();
      expect(all.map(({ orderId }) => orderId)).toEqual(ids);
      expect(all[0]).toMatchObject({ status: "in-progress", oid: again.oid, attempts: 2, payType: "card" });
      expect(all[1]).toMatchObject({
        status: "partially-cancelled",
        remainingPrice: 7_000,
        createdAt: now(),
      });
      const first = await ledger.payments.list({ limit: 2 });
      const before = first.at(-1)?.position ?? 0;
      const second = await ledger.payments.list({ limit: 2, before });
      expect([...first, ...second]).toEqual(all);
      expect(await ledger.payments.list({ status: "paid" })).toEqual([all[2]]);
      expect(await ledger.payments.list({ status: "paid", limit: 1 })).toEqual([all[2]]);
      expect(await ledger.payments.list({ status: "unknown" })).toEqual([]);
    });

    it("filters by each status", async () => {
      await reservedApproval(ledger);
      await payment(ledger);
      await settled(ledger, await sentApproval(ledger), { outcome: "refused" });
      await settled(ledger, await sentApproval(ledger), { outcome: "not-sent" });
      await settled(ledger, await sentApproval(ledger), { outcome: "unknown" });
      await settled(ledger, await sentApproval(ledger), { outcome: "moved", tid: newTid(), price: 1 });
      await settled(ledger, await sentApproval(ledger), { outcome: "moved", price });
      const mismatched = await payment(ledger);
      await settled(ledger, mismatched, { outcome: "refused" });
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

    it.each([0, 501, 1.5])("rejects a limit of %s", async (limit) => {
      await expect(ledger.payments.list({ limit })).rejects.toMatchObject({ code: "invalid-argument" });
    });
  });

  it("separates merchants", async () => {
    const { orderId } = await payment(ledger);
    const { ledger: other } = await opened();
    expect(await other.payments.find(orderId)).toBeUndefined();
    expect(await other.payments.list()).toEqual([]);
    expect((await reservedApproval(other, orderId)).oid).toBe(`${orderId}-1`);
  });
});
