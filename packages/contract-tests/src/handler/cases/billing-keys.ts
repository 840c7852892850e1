import { describe, expect, it } from "vitest";
import { type Ask, at, goodCard, inEnglish } from "../client.js";
import { freshCards } from "../declined-cards.js";
import {
  anyTime,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  expectProblem,
  json,
  namedFields,
} from "../expect.js";
import type { WireAnswer } from "../mount.js";
import type { World } from "../world.js";

const buyer = { buyerName: "홍길동" };
const { registNo: _registNo, passwd: _passwd, ...plainCard } = goodCard;

export function describeBillingKeys(world: World): void {
  const keyPath = (id: string) => `/payments/billing-keys/${encodeURIComponent(id)}`;
  const issueKey = (card: object, ask: Ask = {}) =>
    world.post("/payments/billing-keys", { ...buyer, ...card }, ask);
  const changeKey = (id: string, card: object, ask: Ask = {}) =>
    world.change("PUT", keyPath(id), { ...buyer, ...card }, ask);
  const deleteKey = (id: string, ask: Ask = {}) => world.change("DELETE", keyPath(id), {}, ask);
  const charge = (orderId: string, billingKeyId: unknown, more: object = {}, ask: Ask = {}) =>
    world.post(at(orderId, "charge"), { billingKeyId, ...more }, ask);
  const activeKey = async (card: object = plainCard): Promise<string> => {
    const answer = await issueKey(card);
    return expectKey(answer, 201, "active");
  };
  const expectKey = (answer: WireAnswer, status: number, state: string): string => {
    const id: unknown = expect.stringMatching(/^[\w-]{22,36}$/);
    expectExactJson(answer, status, { id, kind: "card", state, issuedAt: anyTime });
    const given = String(json(answer).id);
    world.transcript.hide(given, "<key>");
    return given;
  };
  const atGateway = () =>
    world.sandbox.book.billingKeys.filter(({ deletedAt }) => deletedAt === undefined).length;

  describe("a billing key", () => {
    it.each([
      ["without birth date and PIN", plainCard],
      ["with birth date and PIN", goodCard],
    ])("is issued %s", async (_how, card) => {
      const before = atGateway();
      const id = expectKey(await issueKey(card), 201, "active");
      expectKey(await world.get(keyPath(id)), 200, "active");
      expect(atGateway()).toBe(before + 1);
    });

    it("rejects a birth date without a PIN, and a PIN without a birth date", async () => {
      const answer = await issueKey({ ...plainCard, passwd: "97" });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["registNo"]);
    });

    it("is not issued for a card that is declined", async () => {
      const [cardNumber] = freshCards(1);
      const answer = await issueKey({ ...plainCard, cardNumber });
      expectExactProblem(answer, 402, "declined", {
        title: "결제가 승인되지 않았습니다",
        detail: "카드사에서 거절해 결제되지 않았습니다. 다른 카드로 다시 시도할 수 있습니다.",
      });
    });

    it("is not created by an issue of unknown outcome, and another can be issued", async () => {
      world.sandbox.faults.next("reset-after-commit");
      expectExactProblem(await issueKey(plainCard), 409, "key-unknown", {
        title: "등록 결과를 확인할 수 없습니다",
        detail: "결제수단은 등록되지 않았습니다. 다시 등록해 주세요.",
      });
      await world.sandbox.faults.clear();
      await activeKey();
    });

    it("is not issued while the gateway is unreachable", async () => {
      world.sandbox.faults.next("refuse");
      expectProblem(await issueKey(plainCard), 503, "not-sent");
    });

    it("pays an order, once", async () => {
      const id = await activeKey();
      const orderId = world.order(15_000);
      expectOrder(await charge(orderId, id), { status: "paid", price: 15_000, payType: "card" });
      expectProblem(await charge(orderId, id), 409, "already-paid");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
      expectOrder(await world.cancel(orderId), { status: "cancelled" });
    });

    it("pays in installments", async () => {
      const id = await activeKey();
      expectOrder(await charge(world.order(500_000), id, { cardQuota: 3 }), { status: "paid" });
    });

    it("locks the order when the answer to its charge is lost", async () => {
      const id = await activeKey();
      const orderId = world.order(15_000);
      world.sandbox.faults.next("reset-after-commit");
      expectProblem(await charge(orderId, id), 409, "outcome-unknown");
      await world.sandbox.faults.clear();
      expectProblem(await charge(orderId, id), 409, "outcome-unknown");
      expect(world.paymentsOf(orderId)).toHaveLength(1);
    });

    it.each([
      ["nothing", undefined],
      ["a number", 1],
    ])("cannot be charged by %s", async (_what, id) => {
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await charge(world.order(), id), 422, "invalid-input", {
          title: "입력값을 확인해 주세요",
          detail: "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
          errors: [{ field: "billingKeyId", message: "등록할 때 받은 결제수단 번호여야 합니다" }],
        });
      });
      expect(requests).toBe(0);
    });

    it.each([
      ["the id of no key", "b7c1c7b0-0000-4000-8000-000000000000"],
      ["a malformed id", "../x"],
      ["an id with a NUL character", "a\u0000b"],
      ["an id of 60,000 characters", "x".repeat(60_000)],
    ])("cannot be charged by %s", async (_what, id) => {
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await charge(world.order(), id), 404, "key-not-found", {
          title: "등록된 결제수단을 찾을 수 없습니다",
          detail: "결제수단 번호를 확인해 주세요.",
        });
      });
      expect(requests).toBe(0);
    });

    it("ignores a price from the browser", async () => {
      const id = await activeKey();
      const answer = await charge(world.order(), id, { price: 1 });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["price"]);
    });

    it("keeps its id when the card changes, and the old key is deleted", async () => {
      const id = await activeKey();
      const before = atGateway();
      const changed = await changeKey(id, { ...plainCard, cardNumber: "5555555555554444" });
      expect(expectKey(changed, 200, "active")).toBe(id);
      expect(atGateway()).toBe(before);
      expectOrder(await charge(world.order(15_000), id), { status: "paid" });
    });

    it("stays unchanged when the new card is declined", async () => {
      const id = await activeKey();
      const [cardNumber] = freshCards(1);
      const answer = await changeKey(id, { ...plainCard, cardNumber }, inEnglish);
      const english = {
        title: "Declined",
        detail: "The card was declined. No money moved. You can try another card.",
      };
      expectExactProblem(answer, 402, "declined", english, { "content-language": "en" });
      expectKey(await world.get(keyPath(id)), 200, "active");
      expectOrder(await charge(world.order(15_000), id), { status: "paid" });
    });

    it("that was deleted cannot be charged", async () => {
      const id = await activeKey();
      const before = atGateway();
      expectKey(await deleteKey(id), 200, "deleted");
      expect(atGateway()).toBe(before - 1);
      expectExactProblem(await charge(world.order(), id), 409, "key-not-active", {
        title: "사용할 수 없는 결제수단입니다",
        detail: "해지되었거나 등록이 끝나지 않은 결제수단입니다.",
      });
      expectProblem(await changeKey(id, plainCard), 409, "key-not-active");
      expectKey(await deleteKey(id), 200, "deleted");
    });

    it("is stopped when its deletion is not sent, and deleted at the next try", async () => {
      const id = await activeKey();
      world.sandbox.faults.next("reset-before-commit");
      expectKey(await deleteKey(id), 200, "deleting");
      await world.sandbox.faults.clear();
      expectProblem(await charge(world.order(), id), 409, "key-not-active");
      expectKey(await deleteKey(id), 200, "deleted");
    });

    it("cannot be seen, changed, deleted or charged by another customer", async () => {
      const id = await activeKey();
      const before = atGateway();
      const requests = await world.gatewayRequestsDuring(async () => {
        for (const as of ["bob", null, "truthy"]) {
          expectProblem(await world.get(keyPath(id), { as }), 403, "forbidden");
          expectProblem(await changeKey(id, plainCard, { as }), 403, "forbidden");
          expectProblem(await deleteKey(id, { as }), 403, "forbidden");
        }
        expectProblem(await charge(world.order(15_000, "bob"), id, {}, { as: "bob" }), 403, "forbidden");
        expectProblem(await charge(world.order(15_000, "alice"), id, {}, { as: "bob" }), 403, "forbidden");
      });
      expect(requests).toBe(0);
      expect(atGateway()).toBe(before);
      expectKey(await world.get(keyPath(id)), 200, "active");
    });

    it("is not issued to a caller without an account", async () => {
      for (const as of [null, "truthy"]) {
        const requests = await world.gatewayRequestsDuring(async () => {
          expectProblem(await issueKey(plainCard, { as }), 403, "forbidden");
        });
        expect(requests).toBe(0);
      }
    });

    it("of a phone is charged without installments", async () => {
      const { billkey } = world.sandbox.outside.issueMobileKey({ price: 15_000 });
      const { id } = await world.importMobileKey("alice", billkey);
      world.transcript.hide(id, "<key>");
      const answer = await charge(world.order(15_000), id, { cardQuota: 2 });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["cardQuota"]);
      const orderId = world.order(15_000);
      expectExactJson(await charge(orderId, id), 200, {
        orderId,
        status: "paid",
        price: 15_000,
        remainingPrice: 15_000,
        payType: "hpp",
        approvedAt: anyTime,
      });
    });
  });
}
