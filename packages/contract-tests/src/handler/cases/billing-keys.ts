import { describe, expect, it } from "vitest";
import { freshCards } from "../declined-cards.js";
import { expectOrder, expectProblem, json, namedFields } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { type Ask, at, goodCard, type World } from "../world.js";

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
    expect({ status: answer.status, body: json(answer) }).toEqual({
      status,
      body: expect.objectContaining({ kind: "card", state }),
    });
    const id = String(json(answer).id);
    world.transcript.hide(id, "<key>");
    return id;
  };
  const atGateway = () =>
    world.sandbox.book.billingKeys.filter(({ deletedAt }) => deletedAt === undefined).length;

  describe("a billing key", () => {
    it.each([
      ["without birth date and PIN", plainCard],
      ["with birth date and PIN", goodCard],
    ])("is issued %s", async (_how, card) => {
      const before = atGateway();
      const answer = await issueKey(card);
      const id = expectKey(answer, 201, "active");
      expect(Object.keys(json(answer)).toSorted()).toEqual(["id", "issuedAt", "kind", "state"]);
      expectKey(await world.get(keyPath(id)), 200, "active");
      expect(atGateway()).toBe(before + 1);
    });

    it("needs both birth date and PIN, or neither", async () => {
      const answer = await issueKey({ ...plainCard, passwd: "97" });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["registNo"]);
    });

    it("is not issued for a card that is declined", async () => {
      const [cardNumber] = freshCards(1);
      expectProblem(await issueKey({ ...plainCard, cardNumber }), 402, "declined");
    });

    it("whose issue nobody knows is none, and another may be issued", async () => {
      world.sandbox.faults.next("reset-after-commit");
      expectProblem(await issueKey(plainCard), 409, "key-unknown");
      await world.sandbox.faults.clear();
      await activeKey();
    });

    it("is not issued while the gateway is away", async () => {
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
      ["nothing", undefined, 422, "invalid-input"],
      ["a number", 1, 422, "invalid-input"],
      ["a key that nobody knows", "b7c1c7b0-0000-4000-8000-000000000000", 404, "key-not-found"],
      ["what is no key's id", "../x", 404, "key-not-found"],
      ["what no database looks for", "a\u0000b", 404, "key-not-found"],
      ["what is far too long", "x".repeat(60_000), 404, "key-not-found"],
    ] as const)("is not %s", async (_what, id, status, code) => {
      const requests = await world.gatewayRequestsDuring(async () => {
        expectProblem(await charge(world.order(), id), status, code);
      });
      expect(requests).toBe(0);
    });

    it("never says a price", async () => {
      const id = await activeKey();
      const answer = await charge(world.order(), id, { price: 1 });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["price"]);
    });

    it("keeps its id when the card changes, and the old one is deleted", async () => {
      const id = await activeKey();
      const before = atGateway();
      const changed = await changeKey(id, { ...plainCard, cardNumber: "5555555555554444" });
      expect(expectKey(changed, 200, "active")).toBe(id);
      expect(atGateway()).toBe(before);
      expectOrder(await charge(world.order(15_000), id), { status: "paid" });
    });

    it("stays what it was when the new card is declined", async () => {
      const id = await activeKey();
      const [cardNumber] = freshCards(1);
      expectProblem(await changeKey(id, { ...plainCard, cardNumber }), 402, "declined");
      expectKey(await world.get(keyPath(id)), 200, "active");
      expectOrder(await charge(world.order(15_000), id), { status: "paid" });
    });

    it("that was deleted pays nothing any more", async () => {
      const id = await activeKey();
      const before = atGateway();
      expectKey(await deleteKey(id), 200, "deleted");
      expect(atGateway()).toBe(before - 1);
      expectProblem(await charge(world.order(), id), 409, "key-not-active");
      expectProblem(await changeKey(id, plainCard), 409, "key-not-active");
      expectKey(await deleteKey(id), 200, "deleted");
    });

    it("is stopped even when the gateway does not hear of it, and deleted at the next try", async () => {
      const id = await activeKey();
      world.sandbox.faults.next("reset-before-commit");
      expectKey(await deleteKey(id), 200, "deleting");
      await world.sandbox.faults.clear();
      expectProblem(await charge(world.order(), id), 409, "key-not-active");
      expectKey(await deleteKey(id), 200, "deleted");
    });

    it("is nobody else's to see, to change, to delete or to charge", async () => {
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

    it("is issued to nobody who has no account", async () => {
      for (const as of [null, "truthy"]) {
        const requests = await world.gatewayRequestsDuring(async () => {
          expectProblem(await issueKey(plainCard, { as }), 403, "forbidden");
        });
        expect(requests).toBe(0);
      }
    });

    it("of a phone pays without installments", async () => {
      const { billkey } = world.sandbox.outside.issueMobileKey({ price: 15_000 });
      const { id } = await world.importMobileKey("alice", billkey);
      world.transcript.hide(id, "<key>");
      const answer = await charge(world.order(15_000), id, { cardQuota: 2 });
      expectProblem(answer, 422, "invalid-input");
      expect(namedFields(answer)).toEqual(["cardQuota"]);
      expectOrder(await charge(world.order(15_000), id), { status: "paid", payType: "hpp" });
    });
  });
}
