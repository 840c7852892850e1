import { describe, expect, it } from "vitest";
import { declinedCard, goodCard } from "../client.js";
import {
  anyDigits,
  anyTime,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  expectProblem,
  json,
  namedFields,
} from "../expect.js";
import type { World } from "../world.js";

export function describeApproval(world: World): void {
  describe("a card approval", () => {
    it("charges the order's price once and answers with the paid order", async () => {
      const orderId = world.order(15_000);
      const answer = await world.pay(orderId);
      expectExactJson(answer, 200, {
        orderId,
        status: "paid",
        price: 15_000,
        remainingPrice: 15_000,
        payType: "card",
        applNum: anyDigits,
        approvedAt: anyTime,
      });
      expect(world.paymentsOf(orderId)).toEqual([
        expect.objectContaining({
          price: 15_000,
          remaining: 15_000,
          applNum: json(answer).applNum,
          cancels: [],
        }),
      ]);
      expectOrder(await world.status(orderId), { orderId, status: "paid", remainingPrice: 15_000 });
      expect(await world.ledger.payments.balance(orderId)).toEqual({
        gateway: 15_000,
        paid: 15_000,
        suspense: 0,
      });
    });

    it("requires only the card number and expiry", async () => {
      const orderId = world.order(1_000);
      const { cardNumber, cardExpireYY, cardExpireMM } = goodCard;
      expectOrder(await world.pay(orderId, { cardNumber, cardExpireYY, cardExpireMM }), { status: "paid" });
    });

    it("accepts installments, and lets only the shop make them interest-free", async () => {
      const orderId = world.order(500_000, "interestfree");
      const card = { ...goodCard, registNo: "880101", cardQuota: 3 };
      const paid = await world.pay(orderId, card, { as: "interestfree" });
      expectOrder(paid, { status: "paid", price: 500_000 });
      const answer = await world.pay(world.order(500_000), { ...card, quotaInterest: "interest-free" });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["quotaInterest"]);
    });

    it("takes the price from the order and never from the browser", async () => {
      const orderId = world.order(15_000);
      const requests = await world.gatewayRequestsDuring(async () => {
        const answer = await world.pay(orderId, { ...goodCard, price: 100 });
        expectProblem(answer, 422, "invalid-input");
        expect(namedFields(answer)).toEqual(["price"]);
      });
      expect(requests).toBe(0);
      expectOrder(await world.pay(orderId), { price: 15_000 });
      expect(world.paymentsOf(orderId).map(({ price }) => price)).toEqual([15_000]);
    });

    it("answers why a card was declined, and accepts another card", async () => {
      const orderId = world.order(30_000);
      const declined = await world.pay(orderId, declinedCard);
      const order = {
        orderId,
        status: "declined",
        price: 30_000,
        remainingPrice: 0,
        payType: "card",
      };
      expectExactProblem(declined, 402, "declined", {
        title: "결제가 승인되지 않았습니다",
        detail: "카드사에서 거절해 결제되지 않았습니다. 다른 카드로 다시 시도할 수 있습니다.",
        order,
      });
      expect(world.paymentsOf(orderId)).toEqual([]);
      expectExactJson(await world.status(orderId), 200, order);

      expectOrder(await world.pay(orderId), { status: "paid", price: 30_000 });
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it("does not charge a paid order again", async () => {
      const orderId = world.order();
      const paid = await world.pay(orderId);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await world.pay(orderId), 409, "already-paid", {
          title: "이미 결제된 주문입니다",
          detail: "이 주문은 이미 결제되어 다시 결제되지 않았습니다.",
          order: json(paid),
        });
      });
      expect(requests).toBe(0);
    });

    it("charges once for eight concurrent requests", async () => {
      const orderId = world.order(20_000);
      const clicks = Array.from({ length: 8 }, () => world.pay(orderId, goodCard, { unrecorded: true }));
      const answers = await Promise.all(clicks);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const answer of answers.filter(({ status }) => status !== 200)) {
        expect(answer.status).toBe(409);
        expect(["in-progress", "already-paid"]).toContain(json(answer).code);
      }
      expect(world.paymentsOf(orderId).map(({ price }) => price)).toEqual([20_000]);
      expect(await world.ledger.payments.balance(orderId)).toMatchObject({ paid: 20_000 });
    });

    it("answers in-progress while another call for the order is running", async ({ expect }) => {
      const orderId = world.order(15_000, "held");
      const as = "held";
      const first = await world.whileHeld(orderId, async () => {
        const running = world.pay(orderId, goodCard, { as, unrecorded: true });
        await expect
          .poll(() => world.ledger.payments.find(orderId), { timeout: 10_000 })
          .toMatchObject({ status: "in-progress" });
        const second = await world.pay(orderId, goodCard, { as });
        const order = { orderId, status: "in-progress", price: 15_000, remainingPrice: 0, payType: "card" };
        const texts = {
          title: "처리 중입니다",
          detail: "이 주문은 지금 처리 중입니다. 잠시 후 주문 상태를 확인해 주세요.",
          order,
        };
        expectExactProblem(second, 409, "in-progress", texts, { "retry-after": "1" });
        expectExactJson(await world.status(orderId, { as }), 200, order);
        return { running };
      });
      expectOrder(await first.running, { status: "paid" });
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    // Mounts run side by side: only the test's own `expect` knows which test polls.
    it("completes after the buyer disconnects", async ({ expect }) => {
      const orderId = world.order(15_000, "held");
      const buyer = new AbortController();
      const { left } = await world.whileHeld(orderId, async () => {
        const { signal } = buyer;
        const paying = world.pay(orderId, goodCard, { as: "held", signal, unrecorded: true });
        const left = Promise.allSettled([paying]);
        await expect
          .poll(() => world.ledger.payments.find(orderId), { timeout: 10_000 })
          .toMatchObject({ status: "in-progress" });
        buyer.abort();
        // One round trip later the server knows that the buyer is gone.
        await world.status(orderId, { as: "held", unrecorded: true });
        return { left };
      });
      await left;
      await expect
        .poll(() => world.ledger.payments.find(orderId), { timeout: 10_000 })
        .toMatchObject({ status: "paid" });
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });
  });
}
