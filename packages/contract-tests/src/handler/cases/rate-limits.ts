import { describe, expect, it } from "vitest";
import { goodCard, inEnglish } from "../client.js";
import { freshCards, refusedCards } from "../declined-cards.js";
import { expectExactJson, expectExactProblem, expectOrder, expectProblem, json } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { chooseAtPage } from "../page-buyer.js";
import type { World } from "../world.js";

/** The shop's path with the limits as they are unless said otherwise. */
const limited = (orderId: string, action: string) =>
  `/limited/orders/${encodeURIComponent(orderId)}/${action}`;

export function describeRateLimits(world: World): void {
  const owner = (number: number) => `limit${"abcdefghijklmnopqrstuvwxyz"[number] ?? "z"}`;
  const tryCard = (orderId: string, cardNumber: string, as: string, from: string) =>
    world.post(
      limited(orderId, "card-approval"),
      { ...goodCard, cardNumber },
      { as, from, unrecorded: true },
    );

  describe("the rate limits against card testing", () => {
    it("refuse a card after five declines, for every buyer and address", async () => {
      const [card = ""] = freshCards(1);
      const requests = await world.gatewayRequestsDuring(async () => {
        for (let index = 0; index < 5; index += 1) {
          const as = owner(index);
          const answer = await tryCard(world.order(1_000, as), card, as, `10.7.0.${index + 1}`);
          expectProblem(answer, 402, "declined");
        }
        const as = owner(9);
        const answer = await tryCard(world.order(1_000, as), card, as, "10.7.0.99");
        const texts = {
          title: "시도 횟수를 초과했습니다",
          detail:
            "잠시 후 다시 시도해 주세요. Retry-After에 남은 시간(초)이 있습니다. 결제는 시도되지 않았습니다.",
        };
        const between501And600 = expect.stringMatching(/^(?:5(?:0[1-9]|[1-9]\d)|600)$/);
        expectExactProblem(answer, 429, "too-many-attempts", texts, { "retry-after": between501And600 });
      });
      expect(requests).toBe(5);
    });

    it("refuse an order after five declines", async () => {
      const orderId = world.order(1_000, "limitorder");
      const cards = freshCards(6);
      for (const [index, card] of cards.slice(0, 5).entries()) {
        const answer = await tryCard(orderId, card, "limitorder", `10.7.1.${index}`);
        expectProblem(answer, 402, "declined");
      }
      const answer = await tryCard(orderId, cards[5] ?? "", "limitorder", "10.7.1.9");
      expectProblem(answer, 429, "too-many-attempts");
    });

    it("let no more through when the requests are concurrent", async () => {
      const as = "limitburst";
      const cards = freshCards(16);
      const requests = await world.gatewayRequestsDuring(async () => {
        const answers = await Promise.all(
          cards.map((card, index) => tryCard(world.order(1_000, as), card, as, `10.7.2.${index}`)),
        );
        expect(answers.filter(({ status }) => status === 402)).toHaveLength(5);
        expect(answers.filter(({ status }) => status === 429)).toHaveLength(cards.length - 5);
      });
      expect(requests).toBe(5);
    });

    it("count IPv6 addresses by their /64", async () => {
      const cards = freshCards(22);
      const answers = [];
      for (const [index, card] of cards.entries()) {
        const as = `limitsix${"abcdefghijklmnopqrstuvwxyz"[index] ?? ""}`;
        answers.push(await tryCard(world.order(1_000, as), card, as, `2001:db8:1:2::${index + 1}`));
      }
      expect(answers.filter(({ status }) => status === 402)).toHaveLength(20);
      expect(answers.slice(20).every(({ status }) => status === 429)).toBe(true);
    });

    it("do not count approvals", async () => {
      for (let index = 0; index < 7; index += 1) {
        const answer = await tryCard(
          world.order(1_000, "limitgood"),
          "5555555555554444",
          "limitgood",
          "10.7.3.1",
        );
        expectOrder(answer, { status: "paid" });
      }
    });

    it("do not count requests that were not sent or were invalid", async () => {
      for (let index = 0; index < 7; index += 1) {
        world.sandbox.faults.next("refuse");
        const orderId = world.order(1_000, "limitaway");
        expectProblem(await tryCard(orderId, "5555555555554444", "limitaway", "10.7.4.1"), 503, "not-sent");
        await world.sandbox.faults.clear();
        expectProblem(await tryCard(orderId, "12", "limitaway", "10.7.4.1"), 422, "invalid-input");
      }
    });

    it("do not reveal why a card was declined", async () => {
      const answers = [];
      for (const cardNumber of refusedCards) {
        const orderId = world.order(1_000);
        const declined = await world.pay(orderId, { ...goodCard, cardNumber }, { unrecorded: true });
        expectProblem(declined, 402, "declined");
        const status = await world.status(orderId, { unrecorded: true });
        const same = (text: string) => text.replaceAll(orderId, "<order>");
        answers.push(`${same(declined.text)} ${same(status.text)}`);
        expect(json(status)).not.toHaveProperty("resultCode");
      }
      expect(new Set(answers).size).toBe(1);
    });
  });

  describe("the rate limits of charges", () => {
    it.each(["one order", "one key"])("refuse %s after five declines", async (what) => {
      const as = "limitcharge";
      // The sandbox declines a phone's key for another price than it was made for.
      const newKey = async () => {
        const { billkey } = world.sandbox.outside.issueMobileKey({ price: 15_000 });
        const { id } = await world.importMobileKey(as, billkey);
        return id;
      };
      const order = world.order(1_000, as);
      const key = await newKey();
      const chargeOnce = async () => {
        const [orderId, billingKeyId] =
          what === "one order" ? [order, await newKey()] : [world.order(1_000, as), key];
        return world.post(limited(orderId, "charge"), { billingKeyId }, { as, unrecorded: true });
      };
      const requests = await world.gatewayRequestsDuring(async () => {
        for (let index = 0; index < 5; index += 1) expectProblem(await chargeOnce(), 402, "declined");
        expectProblem(await chargeOnce(), 429, "too-many-attempts");
      });
      expect(requests).toBe(5);
    });
  });

  describe("the rows of the payment page", () => {
    const as = "limitpage";
    const askLink = (orderId: string, payType: string) =>
      world.post(limited(orderId, "payment-link"), { payType }, { as, unrecorded: true });
    const bringBack = (path: string, fields: Record<string, string>) =>
      world.navigate("POST", path, fields, { unrecorded: true });

    it("cannot be multiplied by links that replace each other", async () => {
      const orderId = world.order(1_000, as);
      const answers: WireAnswer[] = [];
      const requests = await world.gatewayRequestsDuring(async () => {
        for (let index = 0; index < 23; index += 1) {
          answers.push(await askLink(orderId, index % 2 === 0 ? "card" : "bank"));
        }
      });
      expect(answers.slice(0, 20).every(({ status }) => status === 200)).toBe(true);
      for (const answer of answers.slice(20)) expectProblem(answer, 429, "too-many-attempts");
      expect(requests).toBe(20);
    });

    it.each([
      ["authentications", "card", { P_REQ_URL: "" }],
      ["accounts", "vbank", { P_VACT_NUM: "123456" }],
    ])("cannot be multiplied by %s that a buyer makes up", async (_what, payType, made) => {
      const customerId = `${as}${payType}`;
      const orderId = world.order(1_000, customerId);
      const asked = await world.post(
        limited(orderId, "payment-link"),
        { payType },
        { as: customerId, unrecorded: true },
      );
      const { path, fields } = await chooseAtPage(String(json(asked).url), { method: payType });
      const { P_REQ_URL: reqUrl = "" } = fields;
      for (let index = 0; index < 23; index += 1) {
        const forged = { P_STATUS: "00", P_TID: `${orderId.slice(-20)}-${index}`, ...made };
        const answer = await bringBack(
          path,
          "P_REQ_URL" in forged ? { ...forged, P_REQ_URL: reqUrl } : forged,
        );
        expect(answer.status).toBe(303);
      }
      const begun = (await world.ledger.payments.timeline(orderId)).filter(({ from }) => from === undefined);
      expect(begun).toHaveLength(20);
    });
  });

  describe("the card issuer lookup", () => {
    const lookUp = (orderId: string, body: object, ask = {}) =>
      world.post(`/payments/orders/${encodeURIComponent(orderId)}/card-prefix`, body, ask);

    it("answers for an order that may be paid", async () => {
      const answer = await lookUp(world.order(), { prefix: "411111" });
      expectExactJson(answer, 200, { cardCode: "21", cardType: "credit", cardName: "해외비자" });
    });

    it.each(["4111111111111111", "41111", "4111111", "41111a", "", 411111, null])(
      "rejects the prefix %j",
      async (prefix) => {
        const requests = await world.gatewayRequestsDuring(async () => {
          expectExactProblem(await lookUp(world.order(), { prefix }), 422, "invalid-input", {
            title: "입력값을 확인해 주세요",
            detail: "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
            errors: [{ field: "prefix", message: "카드번호의 앞 6자리만 보내야 합니다" }],
          });
        });
        expect(requests).toBe(0);
      },
    );

    it("is refused once the order is paid", async () => {
      const orderId = world.order();
      await world.pay(orderId);
      expectProblem(await lookUp(orderId, { prefix: "411111" }), 409, "already-paid");
    });

    it("is refused after twenty lookups for one order", async () => {
      const orderId = world.order(1_000, "limitlook");
      const ask = { as: "limitlook", unrecorded: true };
      const path = limited(orderId, "card-prefix");
      for (let index = 0; index < 20; index += 1) {
        const answer = await world.post(path, { prefix: "411111" }, { ...ask, from: `10.7.5.${index}` });
        expect(answer.status).toBe(200);
      }
      const last = { ...ask, ...inEnglish, from: "10.7.5.99" };
      const answer = await world.post(path, { prefix: "411111" }, last);
      const english = {
        title: "Too many attempts",
        detail:
          "Wait for the number of seconds in Retry-After, then try again. Nothing was sent to the gateway.",
      };
      expectExactProblem(answer, 429, "too-many-attempts", english, {
        "content-language": "en",
        "retry-after": expect.stringMatching(/^\d+$/),
      });
    });

    it("answers a problem while the gateway does not answer", async () => {
      world.sandbox.faults.add({ fault: "status-500", times: "always" });
      const answer = await lookUp(world.order(), { prefix: "411111" });
      expectExactProblem(answer, 502, "gateway-no-answer", {
        title: "결제사가 응답하지 않았습니다",
        detail: "처리되지 않았습니다. 잠시 후 다시 시도해 주세요.",
      });
    });
  });
}
