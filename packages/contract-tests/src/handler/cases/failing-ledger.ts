import { describe, expect, it } from "vitest";
import { at, goodCard } from "../client.js";
import { expectExactProblem, expectOrder, expectProblem } from "../expect.js";
import type { World } from "../world.js";

export function describeFailingLedger(world: World): void {
  describe("when the ledger fails", () => {
    it("sends nothing if the call cannot be reserved", async () => {
      const orderId = world.order(15_000, "unrecorded");
      const as = "unrecorded";
      const requests = await world.gatewayRequestsDuring(async () => {
        const answers = [
          await world.pay(orderId, goodCard, { as }),
          await world.status(orderId, { as }),
          await world.post(at(orderId, "cancel"), {}, { as: "staff" }),
        ];
        for (const answer of answers) {
          const texts = {
            title: "지금은 처리할 수 없습니다",
            detail: "상점의 결제 기록을 지금 사용할 수 없어 처리되지 않았습니다. 잠시 후 다시 시도해 주세요.",
          };
          expectExactProblem(answer, 503, "ledger-unavailable", texts, { "retry-after": "5" });
        }
      });
      expect(requests).toBe(0);
    });

    it("sends nothing if the call cannot be marked as sending", async () => {
      const orderId = world.order(15_000, "unmarked");
      const as = "unmarked";
      expectProblem(await world.pay(orderId, goodCard, { as }), 503, "ledger-unavailable");
      expect(world.paymentsOf(orderId)).toEqual([]);
      expectOrder(await world.status(orderId, { as }), { status: "not-sent" });
    });

    it("keeps the order locked if an approval cannot be settled, and logs the gateway's reply", async () => {
      const orderId = world.order(15_000, "unsettled");
      const as = "unsettled";
      expectProblem(await world.pay(orderId, goodCard, { as }), 409, "outcome-unknown");
      const [payment] = world.paymentsOf(orderId);
      expect(payment?.price).toBe(15_000);
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "error", orderId, outcome: "succeeded", tid: payment?.tid }),
      );
      expectProblem(await world.pay(orderId, goodCard, { as }), 409, "in-progress");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });
  });
}
