import { describe, expect, it } from "vitest";
import { goodCard, inEnglish } from "../client.js";
import {
  anyDigits,
  anyTime,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  expectProblem,
} from "../expect.js";
import type { World } from "../world.js";

/** What an order has from its approval on, and with its newest cancel. */
const approved = { applNum: anyDigits, approvedAt: anyTime };
const approvedWith = (cancel: object) => ({ applNum: anyDigits, cancel, approvedAt: anyTime });

const cardOrder = (orderId: string, status: string, remainingPrice: number, more: object = {}) => ({
  orderId,
  status,
  price: 15_000,
  remainingPrice,
  payType: "card",
  ...more,
});

export function describeFaults(world: World): void {
  describe("when the gateway's answer is lost", () => {
    const faults = [
      ["the connection is reset after the gateway's commit", "reset-after-commit", true],
      ["the connection is reset before the gateway's commit", "reset-before-commit", false],
      ["the reply is HTML", "html", true],
      ["the reply is a 500", "status-500", true],
      ["the reply is cut off", "truncate", true],
      ["no reply comes in time", "stall-after-commit", true],
    ] as const;

    it.each(faults)("locks the order: %s", async (_what, fault, charged) => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next(fault);
      const order = cardOrder(orderId, "unknown", 0);
      expectExactProblem(await world.pay(orderId), 409, "outcome-unknown", {
        title: "결과를 확인하고 있습니다",
        detail: "처리되었는지 아직 알 수 없습니다. 다시 시도하지 말고 확인이 끝날 때까지 기다려 주세요.",
        order,
      });
      expect(world.paymentsOf(orderId)).toHaveLength(charged ? 1 : 0);

      const requests = await world.gatewayRequestsDuring(async () => {
        const english = {
          title: "Outcome unknown",
          detail:
            "It is not known yet whether money moved. Don't try again. The order is locked until the outcome is resolved.",
          order,
        };
        const again = await world.pay(orderId, goodCard, inEnglish);
        expectExactProblem(again, 409, "outcome-unknown", english, { "content-language": "en" });
        expectProblem(await world.cancel(orderId), 409, "outcome-unknown");
        expectProblem(await world.cancelPart(orderId, 1_000, 14_000), 409, "outcome-unknown");
      });
      expect(requests).toBe(0);
      expectExactJson(await world.status(orderId), 200, order);
      expect(await world.ledger.payments.needsReview()).toContainEqual(
        expect.objectContaining({ orderId, kind: "approval", state: "unknown", price: 15_000 }),
      );
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "warn", orderId, outcome: "unknown" }),
      );
    });

    it("locks the payment after a full cancel", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("reset-after-commit");
      expectProblem(await world.cancel(orderId), 409, "outcome-unknown", {
        order: cardOrder(
          orderId,
          "unknown",
          15_000,
          approvedWith({ status: "unknown", cancelPrice: 15_000 }),
        ),
      });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await world.cancel(orderId), 409, "outcome-unknown");
        expectProblem(await world.pay(orderId), 409, "outcome-unknown");
      });
      expect(requests).toBe(0);
      expect(world.paymentsOf(orderId)[0]?.cancels).toHaveLength(1);
      expect(await world.ledger.payments.needsReview()).toContainEqual(
        expect.objectContaining({ orderId, kind: "cancel" }),
      );
    });

    it("locks the payment after a partial cancel", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("truncate");
      expectProblem(await world.cancelPart(orderId, 5_000, 10_000), 409, "outcome-unknown");
      expectProblem(await world.cancelPart(orderId, 5_000, 10_000), 409, "outcome-unknown");
      expectProblem(await world.cancelPart(orderId, 5_000, 5_000), 409, "outcome-unknown");
      expect(world.paymentsOf(orderId)[0]).toMatchObject({ remaining: 10_000, cancels: [{ price: 5_000 }] });
    });
  });

  describe("when the gateway's success does not match the request", () => {
    it.each([
      ["another price", "wrong-price", 15_001],
      ["no transaction id", "no-tid", 15_000],
    ] as const)("locks the order for review: %s", async (_what, fault, remainingPrice) => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next(fault);
      const order = cardOrder(orderId, "needs-review", remainingPrice, approved);
      expectExactProblem(await world.pay(orderId), 409, "needs-review", {
        title: "확인이 필요합니다",
        detail: "결제사의 응답이 주문과 다릅니다. 담당자가 확인하고 있으니 다시 시도하지 마세요.",
        order,
      });
      const requests = await world.gatewayRequestsDuring(async () => {
        const english = {
          title: "Needs review",
          detail:
            "The gateway's answer differs from the request. Don't try again. An operator is reviewing the order.",
          order,
        };
        const again = await world.pay(orderId, goodCard, inEnglish);
        expectExactProblem(again, 409, "needs-review", english, { "content-language": "en" });
      });
      expect(requests).toBe(0);
      expect(world.paymentsOf(orderId)).toHaveLength(1);
      expect(await world.ledger.payments.needsReview()).toContainEqual(expect.objectContaining({ orderId }));
    });
  });

  describe("when the gateway cannot be reached", () => {
    it("answers not-sent, and accepts another try", async () => {
      const orderId = world.order(15_000);
      world.sandbox.faults.next("refuse");
      const order = cardOrder(orderId, "not-sent", 0);
      expectExactProblem(await world.pay(orderId), 503, "not-sent", {
        title: "결제사에 연결하지 못했습니다",
        detail: "요청이 전송되지 않아 처리되지 않았습니다. 잠시 후 다시 시도해 주세요.",
        order,
      });
      expect(world.paymentsOf(orderId)).toEqual([]);
      expectExactJson(await world.status(orderId), 200, order);
      await world.sandbox.faults.clear();
      expectOrder(await world.pay(orderId), { status: "paid" });
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it("leaves the payment unchanged, and accepts another cancel", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      world.sandbox.faults.next("refuse");
      const english = {
        title: "Not sent",
        detail: "The gateway could not be reached. Nothing was sent. Try again in a moment.",
        order: cardOrder(orderId, "paid", 15_000, approvedWith({ status: "not-sent", cancelPrice: 15_000 })),
      };
      const answer = await world.cancel(orderId, inEnglish);
      expectExactProblem(answer, 503, "not-sent", english, { "content-language": "en" });
      await world.sandbox.faults.clear();
      expectOrder(await world.cancel(orderId), { status: "cancelled", remainingPrice: 0 });
    });
  });

  describe("when the gateway refuses a cancel", () => {
    it("answers cancel-refused and leaves the payment unchanged", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      // The gateway refuses a full cancel after a partial one.
      await cancelAtTheConsole(world, orderId, { cancelPrice: 5_000, confirmPrice: 10_000 });
      const answer = await world.cancel(orderId);
      expectExactProblem(answer, 409, "cancel-refused", {
        title: "취소가 거절되었습니다",
        detail: "결제사에서 취소를 거절했습니다. 결제사 관리자 화면에서 이미 취소된 결제인지 확인해 주세요.",
        order: cardOrder(
          orderId,
          "paid",
          15_000,
          approvedWith({
            status: "refused",
            cancelPrice: 15_000,
            resultCode: "1003",
            resultMessage: "부분취소된 거래는 전체취소할 수 없습니다. 부분취소를 이용하십시오",
          }),
        ),
      });
    });

    it("as already cancelled outside the shop, marks the order for review", async () => {
      const orderId = world.order(15_000);
      await world.pay(orderId);
      await cancelAtTheConsole(world, orderId);
      expectProblem(await world.cancel(orderId), 409, "needs-review", {
        order: expect.objectContaining({ status: "needs-review" }),
      });
      expectProblem(await world.cancel(orderId), 409, "needs-review");
    });
  });

  it("does not apply a fault to another order", async () => {
    const [one, other] = [world.order(15_000), world.order(20_000)];
    world.sandbox.faults.next({ fault: "reset-after-commit", oid: `${one}-1` });
    const answers = [world.pay(one, goodCard), world.pay(other, goodCard, { unrecorded: true })];
    expectProblem((await answers[0]) ?? never(), 409, "outcome-unknown");
    expectOrder((await answers[1]) ?? never(), { orderId: other, status: "paid", price: 20_000 });
  });
}

// An operator cancels in the gateway's console, outside the ledger.
async function cancelAtTheConsole(
  world: World,
  orderId: string,
  part?: { readonly cancelPrice: number; readonly confirmPrice: number },
): Promise<void> {
  const { tid, price } = world.paymentsOf(orderId)[0] ?? never();
  const { payments } = world.payapi;
  if (part === undefined) await payments.cancel({ tid, payType: "card", price });
  else await payments.cancelPartially({ tid, payType: "card", ...part });
}

function never(): never {
  throw new Error("this should be there");
}
