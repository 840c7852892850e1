import { describe, expect, it } from "vitest";
import { type Ask, at, goodCard } from "../client.js";
import { expectExactJson, expectExactProblem, expectOrder, expectProblem } from "../expect.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

const part = { cancelPrice: 1_000, confirmPrice: 14_000 };

export function describeCallers(world: World): void {
  const routes = [
    ["card-approval", (orderId: string, ask: Ask) => world.pay(orderId, goodCard, ask)],
    ["status", (orderId: string, ask: Ask) => world.status(orderId, ask)],
    ["cancel", (orderId: string, ask: Ask) => world.cancel(orderId, ask)],
    ["partial-cancel", (orderId: string, ask: Ask) => world.cancelPart(orderId, 1_000, 14_000, ask)],
  ] as const;

  describe("the caller", () => {
    it.each(routes)("is refused unless authorize allows it: %s", async (_route, call) => {
      const orderId = world.order(15_000);
      await world.pay(orderId, goodCard, { unrecorded: true });
      const requests = await world.gatewayRequestsDuring(async () => {
        for (const as of ["bob", null]) {
          expectExactProblem(await call(orderId, { as }), 403, "forbidden", {
            title: "권한이 없습니다",
            detail: "이 주문에 대한 권한이 없습니다.",
          });
        }
      });
      expect(requests).toBe(0);
    });

    it("is authorized per action: staff may cancel and view, the buyer may pay and view", async () => {
      const orderId = world.order(15_000);
      expectProblem(await world.pay(orderId, goodCard, { as: "staff" }), 403, "forbidden");
      expectOrder(await world.pay(orderId), { status: "paid" });
      expectOrder(await world.status(orderId, { as: "staff" }), { status: "paid" });
      expectProblem(await world.cancel(orderId, { as: "alice" }), 403, "forbidden");
      expectProblem(await world.cancelPart(orderId, 1_000, 14_000, { as: "alice" }), 403, "forbidden");
    });

    it.each(routes)(
      "is refused if authorize returns a truthy value other than true: %s",
      async (_route, call) => {
        expectProblem(await call(world.order(15_000), { as: "truthy" }), 403, "forbidden");
      },
    );

    it("gets a 500 without details if authorize fails", async () => {
      const answer = await world.pay(world.order(), goodCard, { as: "crash" });
      expectExactProblem(answer, 500, "internal-error", {
        title: "오류가 발생했습니다",
        detail: "잠시 후 주문 상태를 먼저 확인해 주세요.",
      });
    });

    it.each(routes)("gets order-not-found for an unknown order: %s", async (_route, call) => {
      expectExactProblem(await call("o-free-alice-1", {}), 404, "order-not-found", {
        title: "주문을 찾을 수 없습니다",
        detail: "주문 번호를 확인해 주세요.",
      });
    });

    it("gets a 500 without details if the orders cannot be read", async () => {
      const answer = await world.status(world.order(15_000, "lost"));
      expectProblem(answer, 500, "internal-error");
      expect(answer.text).not.toContain("database");
      expect(await world.log()).toContainEqual(expect.objectContaining({ level: "error" }));
    });

    it("is authorized before the body is validated", async () => {
      const orderId = world.order();
      await world.unless(
        "malformed-json",
        (ask) => world.post(at(orderId, "card-approval"), undefined, { as: "bob", raw: "{", ...ask }),
        (answer) => expectProblem(answer, 403, "forbidden"),
      );
    });
  });

  describe("the origin", () => {
    const refused: [what: string, headers: Record<string, string | undefined>][] = [
      ["is missing", { origin: undefined }],
      ["is another site", { origin: "https://evil.example" }],
      ["is null", { origin: "null" }],
      ["is the shop without TLS", { origin: "http://shop.example" }],
      ["is the shop at another port", { origin: "https://shop.example:8443" }],
      ["begins like the shop", { origin: "https://shop.example.evil.example" }],
      ["is the shop but the browser says cross-site", { "sec-fetch-site": "cross-site" }],
      ["is the shop but the browser says same-site", { "sec-fetch-site": "same-site" }],
      [
        "is claimed by other headers",
        { origin: undefined, referer: "https://shop.example/", "x-forwarded-host": "shop.example" },
      ],
    ];

    it.each(refused)("is refused if it %s", async (_what, headers) => {
      const orderId = world.order(15_000);
      const requests = await world.gatewayRequestsDuring(async () => {
        expectExactProblem(await world.pay(orderId, goodCard, { headers }), 403, "origin-refused", {
          title: "허용되지 않은 출처입니다",
          detail: "상점의 페이지에서 보낸 요청만 받습니다(Origin은 publicUrl의 출처).",
        });
        expectProblem(await world.cancel(orderId, { headers }), 403, "origin-refused");
        expectProblem(
          await world.post(at(orderId, "partial-cancel"), part, { as: "staff", headers }),
          403,
          "origin-refused",
        );
      });
      expect(requests).toBe(0);
    });

    it("is logged if it is refused, with both origins", async () => {
      const origin = `https://${world.order()}.example`;
      await world.pay(world.order(), goodCard, { headers: { origin }, unrecorded: true });
      expect(await world.log()).toContainEqual(
        expect.objectContaining({ level: "warn", origin, expectedOrigin: shopOrigin }),
      );
    });

    it("is accepted if the browser sends Sec-Fetch-Site: same-origin", async () => {
      const headers = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
      expectOrder(await world.pay(world.order(), goodCard, { headers }), { status: "paid" });
    });

    it("is not required for a request that changes nothing", async () => {
      const orderId = world.order(12_000);
      const order = { orderId, status: "not-paid", price: 12_000, remainingPrice: 0 };
      expectExactJson(await world.status(orderId), 200, order);
    });
  });
}
