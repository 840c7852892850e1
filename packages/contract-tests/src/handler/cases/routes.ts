import { describe, expect, it } from "vitest";
import { at, goodCard } from "../client.js";
import {
  expectAnswer,
  expectExactJson,
  expectExactProblem,
  expectOrder,
  jsonHeaders,
  problemHeaders,
} from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

export function describeRoutes(world: World): void {
  const fromShop = { origin: shopOrigin, "content-type": "application/json" };

  const expectNoRoute = (answer: WireAnswer, kind: "problem" | "passed-on") => {
    if (kind === "passed-on") expect(answer).toMatchObject({ status: 404, text: '{"passedOn":true}' });
    else {
      expectExactProblem(answer, 404, "not-found", {
        title: "찾을 수 없습니다",
        detail: "요청한 주소가 없습니다.",
      });
    }
  };

  const expectNotAllowed = (answer: WireAnswer, allow: string) => {
    const texts = {
      title: "허용되지 않은 메서드입니다",
      detail: "Allow 헤더에 있는 메서드만 쓸 수 있습니다.",
    };
    expectExactProblem(answer, 405, "method-not-allowed", texts, { allow });
  };

  describe("the method", () => {
    it.each(["PUT", "PATCH", "DELETE", "HEAD", "GET"])(
      "%s is not allowed on routes that move money",
      async (method) => {
        const requests = await world.gatewayRequestsDuring(async () => {
          for (const action of ["card-approval", "cancel", "partial-cancel"]) {
            const answer = await world.send(method, at(world.order(), action), undefined, {
              headers: fromShop,
            });
            const allow = "POST, OPTIONS";
            if (method === "HEAD") {
              expectAnswer(answer, { status: 405, headers: { ...problemHeaders, allow }, body: "" });
            } else expectNotAllowed(answer, allow);
          }
        });
        expect(requests).toBe(0);
      },
    );

    it.each(["POST", "PUT", "DELETE"])("%s is not allowed on the status route", async (method) => {
      const answer = await world.send(method, at(world.order()), "{}", { headers: fromShop });
      expectNotAllowed(answer, "GET, HEAD, OPTIONS");
    });

    it("OPTIONS lists the methods and allows no other origin", async () => {
      for (const [path, allow] of [
        [at(world.order()), "GET, HEAD, OPTIONS"],
        [at(world.order(), "card-approval"), "POST, OPTIONS"],
      ] as const) {
        const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
        const answer = await world.send("OPTIONS", path, undefined, { as: null, headers });
        expectAnswer(answer, { status: 204, headers: { allow }, body: "" });
      }
    });

    it("HEAD of the status answers as GET without the body", async () => {
      const answer = await world.send("HEAD", at(world.order()), undefined);
      expectAnswer(answer, { status: 200, headers: jsonHeaders, body: "" });
    });

    it("HEAD of another buyer's order is refused like GET", async () => {
      const answer = await world.send("HEAD", at(world.order()), undefined, { as: "bob" });
      expectAnswer(answer, { status: 403, headers: problemHeaders, body: "" });
    });
  });

  describe("a path", () => {
    it.each([
      "/payments/orders",
      "/payments/nothing",
      "/payments/orders/o-1000-alice-x/refund",
      "/payments/orders/o-1000-alice-x/cancel/now",
      "/payments/Orders/o-1000-alice-x",
    ])("that is not a route gets not-found: %s", async (path) => {
      const answers = [
        await world.get(path, { unrecorded: true }),
        await world.post(path, goodCard, { unrecorded: true }),
      ];
      for (const answer of answers) expectNoRoute(answer, world.traits.unknownPath);
    });

    it("with a trailing slash is the same route", async () => {
      const orderId = world.order(15_000);
      const path = `${at(orderId, "card-approval")}/`;
      const answer = await world.post(path, goodCard, { unrecorded: true });
      if (world.traits.trailingSlash === "served") expectOrder(answer, { orderId, status: "paid" });
      else expect([answer.status, answer.headers.location]).toEqual([308, path.slice(0, -1)]);
    });

    it("with two trailing slashes gets not-found", async () => {
      if (world.traits.trailingSlash === "redirect") return;
      expectNoRoute(
        await world.get(`${at(world.order())}//`, { unrecorded: true }),
        world.traits.unknownPath,
      );
    });

    it("with invalid percent-encoding gets not-found", async () => {
      for (const id of ["%", "%zz", "o-1000-alice-%E0%A4%A", "%ED%A0%80"]) {
        const answer = await world.get(`/payments/orders/${id}`, { unrecorded: true });
        const kind = world.traits.malformedPath;
        if (kind !== "framework-error") expectNoRoute(answer, kind);
        else expect([400, 500]).toContain(answer.status);
      }
    });

    it("with control characters in the order id gets not-found", async () => {
      for (const id of ["o-1000-alice-%00", "o-1000-alice-%0d%0aSet-Cookie:%20a=b"]) {
        const answer = await world.get(`/payments/orders/${id}`, { unrecorded: true });
        expectNoRoute(answer, world.traits.unknownPath);
      }
    });

    it("with an order id of more than 200 characters gets not-found", async () => {
      const answer = await world.get(at(`o-1000-alice-${"x".repeat(200)}`), { unrecorded: true });
      expectNoRoute(answer, world.traits.unknownPath);
    });

    it("ignores the query", async () => {
      const orderId = world.order(15_000);
      expectOrder(await world.get(`${at(orderId)}?user=staff&orderId=o-1-bob-1`), { orderId, price: 15_000 });
    });
  });

  describe("an order id", () => {
    it.each([
      "o-7000-alice-주문 1호",
      "o-7000-alice-a/b?c#d%25",
      "o-7000-alice-../../x",
      "o-7000-alice-🍵'\"<script>",
      "o-7000-alice-a+b&c=d;e",
    ])("is accepted as %s", async (orderId) => {
      const paid = await world.pay(orderId);
      expectOrder(paid, { orderId, status: "paid", price: 7_000 });
      const oid = (await world.ledger.payments.list()).find((payment) => payment.orderId === orderId)?.oid;
      const payments = world.sandbox.book.transactions.filter((transaction) => transaction.oid === oid);
      expect(payments.map(({ price }) => price)).toEqual([7_000]);
      expectOrder(await world.status(orderId), { orderId, status: "paid" });
      expectOrder(await world.cancelPart(orderId, 2_000, 5_000), { orderId, remainingPrice: 5_000 });
    });
  });

  describe("a group that is not listed", () => {
    it("gets not-found, while listed groups are served", async () => {
      const orderId = world.order(9_000);
      const other = (action = "") =>
        at(orderId, action).replace("/payments", "/status-only").replace(/\/$/, "");
      const requests = await world.gatewayRequestsDuring(async () => {
        for (const action of ["card-approval", "cancel", "partial-cancel"]) {
          const answer = await world.post(other(action), goodCard, { as: "staff", unrecorded: true });
          expectNoRoute(answer, world.traits.unknownPath);
        }
      });
      expect(requests).toBe(0);
      const answer = await world.get(other());
      const order = { orderId, status: "not-paid", price: 9_000, remainingPrice: 0 };
      expectExactJson(answer, 200, order);
    });
  });
}
