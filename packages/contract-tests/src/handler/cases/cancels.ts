import { describe, expect, it } from "vitest";
import { declinedCard } from "../client.js";
import {
  anyDigits,
  anyTime,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  expectProblem,
  json,
} from "../expect.js";
import type { World } from "../world.js";

const gatewaySays = { resultCode: "00", resultMessage: "정상 처리되었습니다" } as const;

export function describeCancels(world: World): void {
  describe("a full cancel", () => {
    it("gives the whole price back once", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      expectExactJson(await world.cancel(orderId), 200, {
        orderId,
        status: "cancelled",
        price: 15_000,
        remainingPrice: 0,
        payType: "card",
        applNum: anyDigits,
        cancel: { status: "done", cancelPrice: 15_000, ...gatewaySays },
        approvedAt: anyTime,
      });
      expect(world.paymentsOf(orderId)).toEqual([
        expect.objectContaining({
          remaining: 0,
          cancels: [expect.objectContaining({ kind: "full", price: 15_000 })],
        }),
      ]);
      expect(await world.ledger.payments.balance(orderId)).toEqual({ gateway: 0, paid: 0, suspense: 0 });
    });

    it("is refused the second time", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      const cancelled = await world.cancel(orderId);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await world.cancel(orderId), 409, "already-cancelled", {
          title: "이미 취소되었습니다",
          detail: "이 결제는 이미 모두 취소되었습니다.",
          order: json(cancelled),
        });
      });
      expect(requests).toBe(0);
    });

    it("is recorded with the actor", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      await world.cancelPart(orderId, 5_000, 10_000);
      await world.cancel(orderId);
      const reserved = (await world.ledger.payments.timeline(orderId)).filter(
        ({ from }) => from === undefined,
      );
      expect(reserved.map(({ what, actor }) => [what, actor])).toEqual([
        ["approval", undefined],
        ["cancel", "staff"],
        ["cancel", "staff"],
      ]);
    });

    it("leaves an order that cannot be charged again", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      await world.cancel(orderId);
      expectProblem(await world.pay(orderId), 409, "already-cancelled");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it("after a partial cancel refunds the remaining amount", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      await world.cancelPart(orderId, 5_000, 10_000);
      expectOrder(await world.cancel(orderId), { status: "cancelled", remainingPrice: 0 });
      expect(world.paymentsOf(orderId)[0]).toMatchObject({
        remaining: 0,
        cancels: [{ price: 5_000 }, { price: 10_000, remaining: 0 }],
      });
    });

    it("happens once for six concurrent requests", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      const clicks = Array.from({ length: 6 }, () => world.cancel(orderId, { unrecorded: true }));
      const answers = await Promise.all(clicks);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        expect(["in-progress", "already-cancelled"]).toContain(json(answer).code);
      }
      expect(world.paymentsOf(orderId)[0]?.cancels).toHaveLength(1);
    });

    it.each(["an order that was never paid", "an order whose card was declined"])(
      "is refused for %s",
      async (what) => {
        const orderId = world.order(15_000);
        if (what.includes("declined")) await world.pay(orderId, declinedCard);
        const requests = await world.gatewayRequestsDuring(async () => {
          expectProblem(await world.cancel(orderId), 409, "not-paid");
          expectProblem(await world.cancelPart(orderId, 1_000, 14_000), 409, "not-paid");
        });
        expect(requests).toBe(0);
      },
    );
  });

  describe("a partial cancel", () => {
    it("gives part of the price back", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      expectExactJson(await world.cancelPart(orderId, 4_000, 11_000), 200, {
        orderId,
        status: "partially-cancelled",
        price: 15_000,
        remainingPrice: 11_000,
        payType: "card",
        applNum: anyDigits,
        cancel: { status: "done", cancelPrice: 4_000, ...gatewaySays },
        approvedAt: anyTime,
      });
      expectOrder(await world.status(orderId), { status: "partially-cancelled", remainingPrice: 11_000 });
      expect(world.paymentsOf(orderId)[0]?.remaining).toBe(11_000);
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ gateway: 11_000, paid: 11_000 });
    });

    it("can be repeated until nothing remains, and is refused after that", async () => {
      const orderId = world.order(10_000);
      await world.pay(orderId);
      expectOrder(await world.cancelPart(orderId, 3_000, 7_000), { remainingPrice: 7_000 });
      expectOrder(await world.cancelPart(orderId, 3_000, 4_000), { remainingPrice: 4_000 });
      expectOrder(await world.cancelPart(orderId, 4_000, 0), { status: "cancelled", remainingPrice: 0 });
      expectProblem(await world.cancelPart(orderId, 1, 0), 409, "already-cancelled");
      expect(world.paymentsOf(orderId)[0]).toMatchObject({ remaining: 0, cancels: { length: 3 } });
    });

    it("is refused when the same request is repeated", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      const first = await world.cancelPart(orderId, 5_000, 10_000);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await world.cancelPart(orderId, 5_000, 10_000), 409, "remaining-differs", {
          title: "남은 금액이 다릅니다",
          detail: "취소할 수 있는 금액이 바뀌었습니다. 현재 금액을 확인해 주세요.",
          order: json(first),
        });
      });
      expect(requests).toBe(0);
    });

    it.each([
      ["the amounts do not add up", 5_000, 9_000],
      ["more would be cancelled than was paid", 20_000, 0],
      ["more would remain than was paid", 1_000, 15_000],
    ])("is refused if %s", async (_what, cancelPrice, confirmPrice) => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await world.cancelPart(orderId, cancelPrice, confirmPrice), 409, "remaining-differs", {
          order: expect.objectContaining({ status: "paid", remainingPrice: 15_000 }),
        });
      });
      expect(requests).toBe(0);
    });

    it("never gives back more than was paid when several race", async () => {
      const orderId = world.order(10_000);
      await world.pay(orderId);
      const race = Array.from({ length: 8 }, (_, index) =>
        world.cancelPart(orderId, 4_000 + (index % 2) * 1_000, 6_000 - (index % 2) * 1_000, {
          unrecorded: true,
        }),
      );
      const answers = await Promise.all(race);
      const done = answers.filter(({ status }) => status === 200);
      expect(done).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        expect(["in-progress", "remaining-differs"]).toContain(json(answer).code);
      }
      const remaining = json(done[0] ?? { status: 0, headers: {}, text: "{}" }).remainingPrice;
      expect(world.paymentsOf(orderId)[0]).toMatchObject({ remaining, cancels: { length: 1 } });
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ gateway: remaining });
    });
  });
}
