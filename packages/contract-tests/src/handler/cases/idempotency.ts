import { describe, expect, it } from "vitest";
import { type Ask, at, declinedCard, goodCard } from "../client.js";
import {
  expectAnswer,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  expectProblem,
  json,
  problemHeaders,
} from "../expect.js";
import type { World } from "../world.js";

export function describeIdempotency(world: World): void {
  const withKey = (key: string, ask: Ask = {}): Ask => ({ ...ask, headers: { "idempotency-key": key } });
  const newKey = () => `key-${world.order()}`;

  describe("an Idempotency-Key", () => {
    it("gives a repeated request the same answer, and charges once", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      const first = await world.pay(orderId, goodCard, withKey(key));
      expectOrder(first, { status: "paid" });
      expect(first.headers["idempotent-replayed"]).toBeUndefined();
      const requests = await world.gatewayRequestsDuring(async () => {
        const again = await world.pay(orderId, goodCard, withKey(key));
        expectExactJson(again, 200, json(first), { "idempotent-replayed": "true" });
      });
      expect(requests).toBe(0);
    });

    it("repeats a decline without calling the gateway", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      const first = await world.pay(orderId, declinedCard, withKey(key));
      expectProblem(first, 402, "declined");
      const requests = await world.gatewayRequestsDuring(async () => {
        const again = await world.pay(orderId, declinedCard, withKey(key));
        const headers = { ...problemHeaders, "idempotent-replayed": "true" };
        expectAnswer(again, { status: 402, headers, body: first.text });
      });
      expect(requests).toBe(0);
    });

    it("is refused with a different body", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      await world.pay(orderId, declinedCard, withKey(key));
      const requests = await world.gatewayRequestsDuring(async () => {
        const answer = await world.pay(orderId, goodCard, withKey(key));
        expectExactProblem(answer, 422, "idempotency-key-reused", {
          title: "이미 다른 요청에 쓰인 키입니다",
          detail: "같은 Idempotency-Key로 다른 내용을 보낼 수 없습니다. 결제는 시도되지 않았습니다.",
        });
      });
      expect(requests).toBe(0);
    });

    it("ignores the order of the fields", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      await world.pay(orderId, goodCard, withKey(key));
      const turned = Object.fromEntries(Object.entries(goodCard).toReversed());
      expectOrder(await world.pay(orderId, turned, withKey(key)), { status: "paid" });
    });

    it("is separate for another order, another route and another account", async () => {
      const key = newKey();
      const [one, two] = [world.order(15_000), world.order(15_000)];
      expectOrder(await world.pay(one, goodCard, withKey(key)), { orderId: one, status: "paid" });
      expectOrder(await world.pay(two, goodCard, withKey(key)), { orderId: two, status: "paid" });
      expectOrder(await world.cancel(one, withKey(key)), { orderId: one, status: "cancelled" });
    });

    it("lets one of eight concurrent requests through; the others get in-progress or its answer", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      const sent = Array.from({ length: 8 }, () =>
        world.pay(orderId, goodCard, withKey(key, { unrecorded: true })),
      );
      const answers = await Promise.all(sent);
      const codes = answers.map((answer) => json(answer).code ?? json(answer).status);
      expect(codes.every((code) => code === "paid" || code === "request-in-progress")).toBe(true);
      expect(codes).toContain("paid");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it("of a request that is still running answers request-in-progress", async ({ expect }) => {
      const [orderId, as] = [world.order(15_000, "held"), "held"];
      const ask = withKey(newKey(), { as });
      const { first } = await world.whileHeld(orderId, async () => {
        const first = world.pay(orderId, goodCard, { ...ask, unrecorded: true });
        await expect
          .poll(() => world.ledger.payments.find(orderId), { timeout: 10_000 })
          .toMatchObject({ status: "in-progress" });
        const texts = {
          title: "처리 중인 요청입니다",
          detail: "같은 Idempotency-Key의 요청을 처리하고 있습니다. 잠시 후 다시 확인해 주세요.",
        };
        const second = await world.pay(orderId, goodCard, ask);
        expectExactProblem(second, 409, "request-in-progress", texts, { "retry-after": "1" });
        return { first };
      });
      expectOrder(await first, { status: "paid" });
    });

    it("can be used again when nothing was sent", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      world.sandbox.faults.next("refuse");
      expectProblem(await world.pay(orderId, goodCard, withKey(key)), 503, "not-sent");
      await world.sandbox.faults.clear();
      expectOrder(await world.pay(orderId, goodCard, withKey(key)), { status: "paid" });
    });

    it("does not repeat a partial cancel", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      await world.pay(orderId, goodCard, { unrecorded: true });
      const cancel = () => world.cancelPart(orderId, 5_000, 10_000, withKey(key));
      expectOrder(await cancel(), { remainingPrice: 10_000 });
      expectOrder(await cancel(), { remainingPrice: 10_000 });
      expect(world.paymentsOf(orderId)[0]?.cancels).toHaveLength(1);
    });

    it("does not store an unknown outcome, so that a repeat shows the order's current state", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      world.sandbox.faults.next("reset-after-commit");
      expectProblem(await world.pay(orderId, goodCard, withKey(key)), 409, "outcome-unknown");
      await world.sandbox.faults.clear();
      expectProblem(await world.pay(orderId, goodCard, withKey(key)), 409, "outcome-unknown");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it.each(["", " ", "with space", "x".repeat(201)])("is rejected as %j", async (key) => {
      const answer = await world.pay(world.order(), goodCard, withKey(key));
      expectExactProblem(answer, 400, "invalid-idempotency-key", {
        title: "Idempotency-Key가 올바르지 않습니다",
        detail: "1~200자의 ASCII 문자로 된 키 하나를 보내 주세요.",
      });
    });

    it("returns the stored answer only to an authorized caller", async () => {
      const [orderId, key] = [world.order(15_000), newKey()];
      await world.pay(orderId, goodCard, withKey(key));
      expectProblem(await world.pay(orderId, goodCard, withKey(key, { as: "bob" })), 403, "forbidden");
    });

    it("is stored only as a digest, even if it is a card number", async () => {
      const orderId = world.order(15_000);
      expectOrder(await world.pay(orderId, goodCard, withKey(goodCard.cardNumber)), { status: "paid" });
      expectOrder(
        await world.post(at(orderId, "cancel"), {}, withKey(goodCard.cardNumber, { as: "staff" })),
        {
          status: "cancelled",
        },
      );
    });
  });
}
