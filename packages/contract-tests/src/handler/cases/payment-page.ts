import { describe, expect, it } from "vitest";
import { at, goodCard } from "../client.js";
import { anyTime, expectExactJson, expectExactProblem, expectOrder, expectProblem, json } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { expectBack, pageVisit } from "../page-visit.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

export function describePaymentPage(world: World): void {
  const { link, authenticated, bringBack } = pageVisit(world);

  describe("the payment page", () => {
    it("has one link for each order until it is used", async () => {
      const orderId = world.order(15_000);
      const first = await link(orderId);
      expect(first).toMatch(new RegExp(`^${world.sandbox.url}/p/`));
      expect(await link(orderId)).toBe(first);
      const [made] = world.sandbox.book.links.filter(({ url }) => url === first);
      expect(made).toMatchObject({ price: 15_000, payType: "card", goodsName: "머그컵 받침 2개" });
      expect(made?.notiUrl).toBe(`${shopOrigin}/payments/notifications/mobile`);
      expect(await link(orderId, { payType: "bank" })).not.toBe(first);
      expectOrder(await world.status(orderId), { status: "not-paid" });
    });

    it("gives one link to eight concurrent requests", async () => {
      const orderId = world.order(15_000);
      const clicks = Array.from({ length: 8 }, () =>
        world.post(at(orderId, "payment-link"), { payType: "card" }, { unrecorded: true }),
      );
      const answers = await Promise.all(clicks);
      const urls = answers.filter(({ status }) => status === 200).map((answer) => json(answer).url);
      expect(new Set(urls).size).toBe(1);
      expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
      expect(await world.linksOf(orderId)).toHaveLength(1);
    });

    const unknown = "이 요청에 없는 항목입니다";
    const notOffered = "이 상점에서 제공하지 않는 결제수단입니다";
    it.each([
      ["no method", {}, "payType", "필수 항목입니다"],
      ["a malformed method", { payType: "card!" }, "payType", "영문자, 숫자, _, -만 쓸 수 있습니다"],
      ["a method that the shop does not offer", { payType: "kakao" }, "payType", notOffered],
      ["a price", { payType: "card", price: 1 }, "price", unknown],
      ["an address", { payType: "card", nextUrl: "https://evil.example" }, "nextUrl", unknown],
      ["options of the page", { payType: "card", reserved: "a=b" }, "reserved", unknown],
    ])("rejects a link with %s", async (_what, body, field, message) => {
      const requests = await world.gatewayRequestsDuring(async () => {
        const answer = await world.post(at(world.order(), "payment-link"), body);
        expectExactProblem(answer, 422, "invalid-input", {
          title: "입력값을 확인해 주세요",
          detail: "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
          errors: [{ field, message }],
        });
      });
      expect(requests).toBe(0);
    });

    it("refuses a phone bill as the shop's mistake where its order does not say what it is for", async () => {
      await link(world.order(15_000, "phone"), { payType: "hpp" }, { as: "phone" });
      const orderId = world.order(15_000);
      const requests = await world.gatewayRequestsDuring(async () => {
        const answer = await world.post(at(orderId, "payment-link"), { payType: "hpp" });
        expectProblem(answer, 500, "internal-error");
      });
      expect(requests).toBe(0);
      const problems = [expect.objectContaining({ field: "hppMethod" })];
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "error", orderId, problems }),
      );
    });

    it("answers a problem if a link cannot be made, and makes one at the next try", async () => {
      const orderId = world.order(15_000);
      const ask = () => world.post(at(orderId, "payment-link"), { payType: "card" }, { unrecorded: true });
      world.sandbox.faults.next("refuse");
      expectProblem(await ask(), 503, "not-sent");
      await world.sandbox.faults.clear();
      world.sandbox.faults.next("html");
      expectProblem(await ask(), 502, "gateway-no-answer");
      await world.sandbox.faults.clear();
      await link(orderId);
    });

    it.each(["POST", "GET"] as const)("approves a return by %s once", async (method) => {
      const orderId = world.order(15_000);
      const { path, fields } = await authenticated(orderId);
      const answer =
        method === "POST"
          ? await world.navigate("POST", path, fields)
          : await world.navigate("GET", `${path}?${new URLSearchParams(fields)}`, undefined, {
              unrecorded: true,
            });
      expectBack(answer, orderId);
      expectOrder(await world.status(orderId), { status: "paid", price: 15_000, payType: "card" });
      const approvals = await world.gatewayRequestsDuring(async () => {
        expectBack(await world.navigate("POST", path, fields), orderId);
      });
      expect(approvals).toBe(0);
      expect(await world.linkPayments(orderId)).toHaveLength(1);
      expectOrder(await world.cancel(orderId), { status: "cancelled" });
    });

    it("approves once for eight concurrent returns", async () => {
      const orderId = world.order(15_000);
      const { path, fields } = await authenticated(orderId);
      const back = Array.from({ length: 8 }, () =>
        world.navigate("POST", path, fields, { unrecorded: true }),
      );
      for (const answer of await Promise.all(back)) expectBack(answer, orderId);
      expectOrder(await world.status(orderId), { status: "paid" });
      expect(await world.linkPayments(orderId)).toHaveLength(1);
    });

    it.each([
      ["gave up", { action: "abandon" }, "not-paid"],
      ["was not recognised", { action: "decline" }, "not-paid"],
      ["was declined at the approval", { action: "decline-later" }, "declined"],
    ])("sends back a buyer who %s, and then gives a new link", async (_what, choice, status) => {
      const orderId = world.order(15_000);
      expectBack(await bringBack(await authenticated(orderId, choice)), orderId);
      expectOrder(await world.status(orderId), { status, remainingPrice: 0 });
      expectBack(await bringBack(await authenticated(orderId)), orderId);
      expectOrder(await world.status(orderId), { status: "paid" });
    });

    it.each([
      ["gave up", { action: "abandon" }, "cancelled"],
      ["was not recognised", { action: "decline" }, "declined"],
      ["was declined at the approval", { action: "decline-later" }, "declined"],
      ["paid", {}, "undefined"],
    ])("tells the shop once why a buyer who %s paid nothing", async (_what, choice, reason) => {
      const as = "told";
      const orderId = world.order(15_000, as);
      const brought = await authenticated(orderId, choice, { as });
      const locationOf = ({ headers }: WireAnswer) => String(headers.location).split("?").at(-1);
      expect(locationOf(await bringBack(brought))).toBe(`reason=${reason}`);
      expect(locationOf(await bringBack(brought))).toBe("reason=undefined");
    });

    it("does not approve an order that was paid by card meanwhile", async () => {
      const orderId = world.order(15_000);
      const brought = await authenticated(orderId);
      expectOrder(await world.pay(orderId), { status: "paid" });
      const requests = await world.gatewayRequestsDuring(async () => {
        expectBack(await bringBack(brought), orderId);
      });
      expect(requests).toBe(0);
      expectProblem(await world.post(at(orderId, "payment-link"), { payType: "card" }), 409, "already-paid");
    });

    it("does not approve an order whose price has changed", async () => {
      const orderId = world.order(15_000);
      const reservation = await world.ledger.store.openLink({ orderId, price: 1_000, payType: "card" });
      if (reservation.status === "refused") throw new Error(reservation.reason);
      const { token } = reservation.link;
      world.transcript.hide(token, "<token>");
      const fields = { P_STATUS: "00", P_TID: "T1", P_REQ_URL: `${world.sandbox.url}/smart/a/x` };
      const requests = await world.gatewayRequestsDuring(async () => {
        const answer = await world.navigate("POST", `/payments/page-return/${token}`, fields);
        expectBack(answer, orderId);
      });
      expect(requests).toBe(0);
      expectOrder(await world.status(orderId), { status: "not-paid" });
    });

    it("undoes an approval of unknown outcome by a net cancel", async () => {
      const orderId = world.order(15_000);
      const brought = await authenticated(orderId);
      world.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
      expectBack(await bringBack(brought), orderId);
      const gatewaySays = { resultCode: "00", resultMessage: "정상 처리되었습니다" };
      expectExactJson(await world.status(orderId), 200, {
        orderId,
        status: "net-cancelled",
        price: 15_000,
        remainingPrice: 0,
        payType: "card",
        cancel: { status: "done", cancelPrice: 15_000, ...gatewaySays },
      });
      expect(await world.linkPayments(orderId)).toMatchObject([{ remaining: 0 }]);
      expectOrder(await world.pay(orderId), { status: "paid" });
    });

    it("locks the order if the net cancel fails too", async () => {
      const orderId = world.order(15_000);
      const brought = await authenticated(orderId);
      world.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
      world.sandbox.faults.next({ fault: "reset-before-commit", operation: "payments.cancel" });
      expectBack(await bringBack(brought), orderId);
      expectExactJson(await world.status(orderId), 200, {
        orderId,
        status: "unknown",
        price: 15_000,
        remainingPrice: 0,
        payType: "card",
        cancel: { status: "unknown", cancelPrice: 15_000 },
      });
      expectProblem(await world.pay(orderId), 409, "outcome-unknown");
      expect(await world.ledger.payments.needsReview()).toContainEqual(expect.objectContaining({ orderId }));
    });

    it("sends the buyer back and logs an error if the ledger fails before the net cancel", async () => {
      const as = "uncancelled";
      const orderId = world.order(15_000, as);
      const brought = await authenticated(orderId, {}, { as });
      world.sandbox.faults.next({ fault: "reset-after-commit", operation: "page.approve" });
      expectBack(await bringBack(brought), orderId);
      expectOrder(await world.status(orderId, { as }), { status: "unknown" });
      expect(await world.log()).toContainEqual(
        expect.objectContaining({
          level: "error",
          orderId,
          message: expect.stringMatching(/net cancel/),
        }),
      );
      expectProblem(await world.pay(orderId, goodCard, { as }), 409, "outcome-unknown");
    });

    it("issues a virtual account, and the order waits for the deposit", async () => {
      const orderId = world.order(15_000);
      const brought = await authenticated(orderId, { method: "vbank" });
      world.transcript.hide(brought.fields.P_VACT_NUM ?? "", "<account>");
      expectBack(await bringBack(brought), orderId);
      const number = brought.fields.P_VACT_NUM;
      expectExactJson(await world.status(orderId), 200, {
        orderId,
        status: "awaiting-deposit",
        price: 15_000,
        remainingPrice: 0,
        payType: "vbank",
        account: { number, bankCode: "04", holder: "샌드박스", dueAt: anyTime },
      });
      expectOrder(await world.pay(orderId, goodCard), { status: "paid" });
    });

    it.each([
      ["order", { P_OID: "order-9" }],
      ["merchant", { P_MID: "someoneels" }],
      ["amount", { P_AMT: "1" }],
    ])("does not keep a virtual account of another %s", async (_what, changed) => {
      const orderId = world.order(15_000);
      const { path, fields } = await authenticated(orderId, { method: "vbank" });
      world.transcript.hide(fields.P_VACT_NUM ?? "", "<account>");
      expectBack(await world.navigate("POST", path, { ...fields, ...changed }), orderId);
      expectOrder(await world.status(orderId), { status: "not-paid" });
    });
  });
}
