import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newOrder, payment, price } from "./ledger-states.js";
import { type LedgerRoom, type OpenLedgers, rooms } from "./open-ledgers.js";

describe.each(rooms)("races, in %s", (_, open) => {
  let room: LedgerRoom;
  let ledgers: OpenLedgers;
  beforeAll(async () => {
    room = await open();
    ledgers = await room.ledgers();
  });
  afterAll(() => room.close());

  it("reserves each of 200 orders once for 32 concurrent callers", async () => {
    const { ledger, another } = ledgers;
    const orders = Array.from({ length: 200 }, newOrder);
    let reserved = 0;
    // Ten orders at a time keep the callers of one order together in the queue for a connection.
    for (let start = 0; start < orders.length; start += 10) {
      const results = await Promise.all(
        orders
          .slice(start, start + 10)
          .flatMap((orderId) =>
            Array.from({ length: 32 }, (_, i) =>
              (i % 2 ? ledger : another).store.reserveApproval({ orderId, price, payType: "card" }),
            ),
          ),
      );
      const calls = results.filter((result) => result.status === "reserved").map(({ call }) => call);
      expect(new Set(calls.map(({ orderId }) => orderId)).size).toBe(calls.length);
      reserved += calls.length;
    }
    expect(reserved).toBe(200);
  });

  it("never gives back more than was paid for 200 payments with 16 concurrent partial cancels each", async () => {
    const { ledger, another } = ledgers;
    const refunded = new Map<string, number>();
    const payments: Awaited<ReturnType<typeof payment>>[] = [];
    const cancelAtOnce = ({ orderId }: { readonly orderId: string }) =>
      Promise.all(
        Array.from({ length: 16 }, async (_, i) => {
          const each = i % 2 ? ledger : another;
          // Amounts that do not divide the price, so that the last ones must be refused for more than being late.
          const cancelPrice = 700 + i * 130;
          for (let click = 0; click < 4; click++) {
            const remaining = (await each.payments.find(orderId))?.remainingPrice ?? 0;
            if (cancelPrice > remaining) return;
            const part = { cancelPrice, confirmPrice: remaining - cancelPrice };
            const reservation = await each.store.reserveCancel({ orderId, part });
            if (reservation.status !== "reserved") continue;
            const { call } = reservation;
            await each.store.markSending(call);
            refunded.set(orderId, (refunded.get(orderId) ?? 0) + call.cancelPrice);
            await each.store.settle(call, {
              outcome: "succeeded",
              price: call.cancelPrice,
              remainingPrice: call.confirmPrice,
            });
          }
        }),
      );
    // Ten at a time, so that on a slow machine no call waits longer for a connection than the ledger allows.
    for (let start = 0; start < 200; start += 10) {
      const paid = await Promise.all(Array.from({ length: 10 }, () => payment(ledger)));
      payments.push(...paid);
      await Promise.all(paid.map(cancelAtOnce));
    }
    for (const { orderId } of payments) {
      const given = refunded.get(orderId) ?? 0;
      const order = await ledger.payments.find(orderId);
      expect(given).toBeGreaterThan(0);
      expect(given).toBeLessThanOrEqual(price);
      expect(order?.remainingPrice).toBe(price - given);
      expect(await ledger.payments.balance(orderId)).toEqual({
        gateway: price - given,
        paid: price - given,
        suspense: 0,
      });
    }
  });
});
