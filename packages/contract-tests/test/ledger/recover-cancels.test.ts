import { createPayments } from "@payapi/core";
import { describe, expect, it, vi } from "vitest";
import { minute, nothing, openGateway } from "./gateway.js";
import { newOrder, newTid, price } from "./ledger-states.js";
import { openedRoom, rooms } from "./open-ledgers.js";

describe.each(rooms)("recovery of cancels, in %s", (_, openRoom) => {
  const room = openedRoom(openRoom);

  describe("an unknown full cancel", () => {
    it("is repeated with the same amounts in the same row, and ends when the gateway carries it out", async () => {
      const shop = await openGateway(room);
      const { orderId, tid, callId } = await shop.unknownCancel();
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      expect(shop.asked("payments.cancel")).toHaveLength(0);
      shop.pass(minute);
      expect(await shop.ledger.operations.recover()).toEqual({ ...nothing, repeated: 1, cancelled: 1 });
      expect(shop.remaining(tid)).toBe(0);
      expect(await shop.ledger.payments.find(orderId)).toMatchObject({
        status: "cancelled",
        remainingPrice: 0,
      });
      expect(await shop.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      const cancels = (await shop.ledger.payments.timeline(orderId)).filter(({ what }) => what === "cancel");
      expect(new Set(cancels.map((line) => line.callId))).toEqual(new Set([callId]));
      expect(cancels.at(-1)).toMatchObject({ from: "unknown", to: "done", actor: "recovery" });
      shop.pass(60 * minute);
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      expect(shop.asked("payments.cancel")).toHaveLength(1);
    });

    it("ends when the gateway answers a repeat as it answered the first call", async () => {
      const shop = await openGateway(room, { repeatedCancel: "lax" });
      const { orderId, tid } = await shop.unknownCancel();
      await shop.payapi.payments.cancel({ tid, payType: "card", price });
      shop.pass(minute);
      expect(await shop.ledger.operations.recover()).toMatchObject({ repeated: 1, cancelled: 1 });
      expect((await shop.ledger.payments.find(orderId))?.status).toBe("cancelled");
    });

    it("ends when the gateway answers a repeat with already cancelled", async () => {
      const shop = await openGateway(room, { repeatedCancel: "strict" });
      const { orderId, tid, callId } = await shop.unknownCancel();
      await shop.payapi.payments.cancel({ tid, payType: "card", price });
      shop.pass(minute);
      expect(await shop.ledger.operations.recover()).toMatchObject({ repeated: 1 });
      expect(await shop.ledger.payments.find(orderId)).toMatchObject({
        status: "cancelled",
        remainingPrice: 0,
      });
      expect((await shop.ledger.payments.timeline(orderId)).at(-1)).toMatchObject({
        callId,
        from: "unknown",
        to: "done",
        outcome: "refused",
        resultCode: "01",
      });
      expect(await shop.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
      expect(await shop.ledger.payments.needsReview()).toEqual([]);
    });

    it("is repeated after a reply with another service's success code, and ends as already cancelled", async () => {
      const shop = await openGateway(room, { repeatedCancel: "strict" });
      const { orderId, tid } = await shop.approved();
      const odd = await shop.answeredWith("0000");
      const result = await createPayments({ payapi: odd, ledger: shop.ledger }).cancel({ orderId });
      expect(shop.remaining(tid)).toBe(0);
      expect(result).toMatchObject({
        status: "settled",
        outcome: { outcome: "unknown", resultCode: "0000" },
        order: { status: "unknown", remainingPrice: price },
      });
      expect(await shop.ledger.payments.needsReview()).toMatchObject([
        { orderId, kind: "cancel", state: "unknown" },
      ]);
      expect(await shop.ledger.store.reserveCancel({ orderId })).toMatchObject({ status: "refused" });
      shop.pass(minute);
      expect(await shop.ledger.operations.recover()).toMatchObject({ repeated: 1 });
      expect(await shop.ledger.payments.find(orderId)).toMatchObject({
        status: "cancelled",
        remainingPrice: 0,
      });
      expect(await shop.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });

    it("stays unknown when a repeat gets a code that is not in alreadyCancelledCodes", async () => {
      const shop = await openGateway(room, { repeatedCancel: "strict" });
      const ledger = await shop.oneMore({ alreadyCancelledCodes: [], clock: shop.clock });
      const { orderId, tid } = await shop.unknownCancel();
      await shop.payapi.payments.cancel({ tid, payType: "card", price });
      shop.pass(minute);
      expect(await ledger.operations.recover()).toMatchObject({ repeated: 1, cancelled: 0 });
      expect((await ledger.payments.find(orderId))?.status).toBe("unknown");
    });

    it("stays unknown when a repeat is refused, and is not repeated again", async () => {
      const shop = await openGateway(room, { repeatedCancel: "strict" });
      const { orderId, tid } = await shop.unknownCancel();
      // The gateway refuses a full cancel after a partial one.
      const part = { cancelPrice: 1_000, confirmPrice: 9_000 };
      await shop.payapi.payments.cancelPartially({ tid, payType: "card", ...part });
      for (let hour = 0; hour < 3; hour++) {
        shop.pass(60 * minute);
        await shop.ledger.operations.recover();
      }
      expect(shop.asked("payments.cancel")).toHaveLength(1);
      expect((await shop.ledger.payments.find(orderId))?.status).toBe("unknown");
      expect(await shop.ledger.payments.needsReview()).toMatchObject([
        { orderId, kind: "cancel", state: "unknown" },
      ]);
      expect((await shop.ledger.payments.timeline(orderId)).at(-1)).toMatchObject({
        actor: "recovery",
        outcome: "refused",
        resultCode: "1003",
      });
      const settled = await shop.ledger.payments.resolve(orderId, {
        outcome: "moved",
        actor: "kim",
        evidence: "console",
      });
      expect(settled).toMatchObject({ status: "settled", order: { status: "cancelled" } });
    });

    it("is repeated three times at most, with growing delays", async () => {
      const shop = await openGateway(room);
      const { orderId } = await shop.unknownCancel();
      shop.sandbox.faults.add({
        fault: "reset-before-commit",
        operation: "payments.cancel",
        times: "always",
      });
      const sentAfter: number[] = [];
      for (let waited = 1; waited <= 120; waited++) {
        shop.pass(minute);
        if ((await shop.ledger.operations.recover()).repeated > 0) sentAfter.push(waited);
      }
      expect(sentAfter).toEqual([1, 6, 36]);
      expect((await shop.ledger.payments.find(orderId))?.status).toBe("unknown");
    });

    it("stays unknown after a third repeat without an answer, and is not sent a fourth time", async () => {
      const shop = await openGateway(room);
      const { orderId } = await shop.unknownCancel();
      shop.sandbox.faults.add({ fault: "reset-before-commit", operation: "payments.cancel", times: 2 });
      shop.sandbox.faults.add({
        fault: "stall-before-commit",
        operation: "payments.cancel",
        times: "always",
      });
      for (const wait of [1, 5]) {
        shop.pass(wait * minute);
        expect(await shop.ledger.operations.recover()).toMatchObject({ repeated: 1 });
      }
      shop.pass(30 * minute);
      const silent = shop.ledger.operations.recover();
      await vi.waitFor(() => expect(shop.asked("payments.cancel")).toHaveLength(3), { timeout: 30_000 });
      // As if the process had died: by this clock it is silent for hours.
      for (let hour = 0; hour < 3; hour++) {
        shop.pass(60 * minute);
        expect(await shop.another.operations.recover()).toEqual(nothing);
      }
      expect(shop.asked("payments.cancel")).toHaveLength(3);
      expect(await shop.ledger.payments.needsReview()).toMatchObject([
        { orderId, kind: "cancel", state: "unknown" },
      ]);
      await shop.sandbox.faults.clear();
      await silent;
    });

    it("is not ended by a late refusal of the first call once it was repeated", async () => {
      const shop = await openGateway(room);
      const { orderId, tid } = await shop.approved();
      const reservation = await shop.ledger.store.reserveCancel({ orderId });
      if (reservation.status !== "reserved") throw new Error(reservation.reason);
      await shop.ledger.store.markSending(reservation.call);
      shop.pass(2 * minute);
      expect(await shop.another.operations.recover()).toMatchObject({ unknown: 1 });
      shop.sandbox.faults.next({ fault: "reset-after-commit", operation: "payments.cancel" });
      shop.pass(minute);
      expect(await shop.another.operations.recover()).toMatchObject({ repeated: 1, cancelled: 0 });
      expect(shop.remaining(tid)).toBe(0);
      const late = (resultCode: string) =>
        shop.ledger.store.settle(reservation.call, { outcome: "refused", resultCode });
      expect((await late("1004")).status).toBe("unknown");
      // But that it is cancelled already can only mean that the repeat has done it.
      expect((await late("01")).status).toBe("cancelled");
    });

    it("is sent at most once for each repeat by eight concurrent instances", async () => {
      const shop = await openGateway(room);
      const orders: Awaited<ReturnType<typeof shop.unknownCancel>>[] = [];
      for (let i = 0; i < 6; i++) orders.push(await shop.unknownCancel());
      shop.sandbox.faults.add({
        fault: "reset-before-commit",
        operation: "payments.cancel",
        times: "always",
      });
      const recoverByEight = () =>
        Promise.all(
          Array.from({ length: 8 }, (_, i) => (i % 2 ? shop.ledger : shop.another).operations.recover()),
        );
      const asked = () => orders.map(({ tid }) => shop.asked("payments.cancel", tid).length);
      // A run ends after three unanswered calls; the next run continues.
      for (const [wait, most] of [
        [1, 1],
        [5, 2],
        [30, 3],
        [30, 3],
        [30, 3],
      ] as const) {
        shop.pass(wait * minute);
        await recoverByEight();
        for (const count of asked()) expect(count).toBeLessThanOrEqual(most);
      }
      expect(asked()).toEqual(orders.map(() => 3));
      expect(orders.map(({ tid }) => shop.remaining(tid))).toEqual(orders.map(() => price));
    });

    it("is carried out once by eight concurrent instances", async () => {
      const shop = await openGateway(room);
      const orders = [];
      for (let i = 0; i < 6; i++) orders.push(await shop.unknownCancel());
      shop.pass(minute);
      await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? shop.ledger : shop.another).operations.recover()),
      );
      for (const { orderId, tid } of orders) {
        expect(shop.asked("payments.cancel", tid)).toMatchObject([{ outcome: "committed" }]);
        expect(shop.remaining(tid)).toBe(0);
        expect((await shop.ledger.payments.find(orderId))?.status).toBe("cancelled");
      }
    });

    it("keeps its three repeats while none is sent, but is not tried forever", async () => {
      const shop = await openGateway(room);
      const { orderId, tid } = await shop.unknownCancel();
      const unsent = async () =>
        (await shop.ledger.payments.timeline(orderId)).filter(({ outcome }) => outcome === "not-sent").length;
      shop.line.isCut = true;
      const triedAfter: number[] = [];
      for (let waited = 1; waited <= 70; waited++) {
        shop.pass(minute);
        const before = await unsent();
        expect(await shop.ledger.operations.recover()).toEqual(nothing);
        if ((await unsent()) > before) triedAfter.push(waited);
      }
      expect(triedAfter).toEqual([1, 6, 36, 66]);
      shop.line.isCut = false;
      shop.sandbox.faults.add({
        fault: "reset-before-commit",
        operation: "payments.cancel",
        times: "always",
      });
      for (let run = 0; run < 6; run++) {
        shop.pass(30 * minute);
        await shop.ledger.operations.recover();
      }
      expect(shop.asked("payments.cancel", tid)).toHaveLength(3);

      const other = await openGateway(room);
      const hopeless = await other.unknownCancel();
      other.line.isCut = true;
      for (let run = 0; run < 15; run++) {
        other.pass(60 * minute);
        await other.ledger.operations.recover();
      }
      const lines = await other.ledger.payments.timeline(hopeless.orderId);
      expect(lines.filter(({ outcome }) => outcome === "not-sent")).toHaveLength(10);
      expect(await other.ledger.payments.needsReview()).toMatchObject([
        { orderId: hopeless.orderId, kind: "cancel" },
      ]);
    });

    it("is not repeated once another attempt of its order has a mismatch", async () => {
      const shop = await openGateway(room);
      const orderId = newOrder();
      const first = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card" });
      if (first.status !== "reserved") throw new Error(first.reason);
      await shop.ledger.store.markSending(first.call);
      await shop.ledger.store.settle(first.call, { outcome: "refused" });
      const { tid } = await shop.unknownCancel(undefined, orderId);
      const order = await shop.ledger.store.settle(first.call, {
        outcome: "succeeded",
        tid: newTid(),
        price,
      });
      expect(order.status).toBe("needs-review");
      let begun = 0;
      shop.line.hold = async () => void begun++;
      shop.pass(60 * minute);
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      expect(begun).toBe(0);
      expect(shop.asked("payments.cancel", tid)).toEqual([]);
    });

    it("is not repeated when the mismatch arrives between its claim and its first byte", async () => {
      const shop = await openGateway(room);
      const orderId = newOrder();
      const first = await shop.ledger.store.reserveApproval({ orderId, price, payType: "card" });
      if (first.status !== "reserved") throw new Error(first.reason);
      await shop.ledger.store.markSending(first.call);
      await shop.ledger.store.settle(first.call, { outcome: "refused" });
      const { tid } = await shop.unknownCancel(undefined, orderId);
      shop.pass(minute);
      shop.line.hold = async () => {
        await shop.another.store.settle(first.call, { outcome: "succeeded", tid: newTid(), price });
      };
      expect(await shop.ledger.operations.recover()).toEqual(nothing);
      expect(shop.asked("payments.cancel", tid)).toEqual([]);
    });
  });

  it("does not repeat an unknown partial cancel or card approval", async () => {
    const shop = await openGateway(room);
    const { orderId } = await shop.unknownCancel({ cancelPrice: 3_000, confirmPrice: 7_000 });
    const charge = await shop.ledger.store.reserveApproval({ orderId: newOrder(), price, payType: "card" });
    if (charge.status !== "reserved") throw new Error(charge.reason);
    await shop.ledger.store.markSending(charge.call);
    await shop.ledger.store.settle(charge.call, { outcome: "unknown" });
    const before = shop.sandbox.book.requests.length;
    shop.pass(24 * 60 * minute);
    expect(await shop.ledger.operations.recover()).toEqual(nothing);
    expect(shop.sandbox.book.requests).toHaveLength(before);
    expect((await shop.ledger.payments.find(orderId))?.status).toBe("unknown");
  });

  it("leaves a partial cancel unknown after a reply with another service's success code", async () => {
    const shop = await openGateway(room);
    const { orderId, tid } = await shop.approved();
    const part = { cancelPrice: 3_000, confirmPrice: 7_000 };
    const odd = await shop.answeredWith("0000");
    await createPayments({ payapi: odd, ledger: shop.ledger }).cancel({ orderId, part });
    expect(shop.remaining(tid)).toBe(7_000);
    shop.pass(24 * 60 * minute);
    expect(await shop.ledger.operations.recover()).toEqual(nothing);
    expect(await shop.ledger.payments.needsReview()).toMatchObject([
      { orderId, kind: "cancel", state: "unknown" },
    ]);
    const evidence = "console";
    const settled = await shop.ledger.payments.resolve(orderId, { outcome: "moved", actor: "kim", evidence });
    expect(settled).toMatchObject({ status: "settled", order: { remainingPrice: 7_000 } });
  });
});
