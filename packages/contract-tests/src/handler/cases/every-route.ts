import { type Route, routes } from "@payapi/core/handler";
import { describe, expect, it } from "vitest";
import type { Ask } from "../client.js";
import { expectProblem, namedFields } from "../expect.js";
import type { WireAnswer } from "../mount.js";
import { shopOrigin } from "../shop-orders.js";
import type { World } from "../world.js";

type ShopRoute = Extract<Route, { body: unknown }>;

const shopRoutes = routes.filter((route): route is ShopRoute => "body" in route);
const changing = shopRoutes.filter(({ method }) => method !== "GET");
const named = (list: readonly ShopRoute[]) =>
  list.map((route) => [`${route.method} ${route.path}`, route] as const);

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** What holds for each route of the shop's pages, taken from the table, so that no new one is forgotten. */
export function describeEveryRoute(world: World): void {
  const pathOf = async ({ path }: ShopRoute): Promise<string> => {
    const keyId = path.includes(":keyId") ? await world.billingKeyOf("alice") : "";
    return `/payments${path.replace(":orderId", world.order(15_000)).replace(":keyId", keyId)}`;
  };
  const bodyOf = async (route: ShopRoute): Promise<object> =>
    route.path.endsWith("/charge") ? { billingKeyId: await world.billingKeyOf("alice") } : {};
  const call = async (route: ShopRoute, ask: Ask = {}, body?: object): Promise<WireAnswer> => {
    const path = await pathOf(route);
    if (route.method === "GET") return world.get(path, ask);
    return world.change(route.method, path, body ?? (await bodyOf(route)), ask);
  };
  const expectNothingAsked = async (work: () => Promise<void>) =>
    expect(await world.gatewayRequestsDuring(work)).toBe(0);

  describe("every buyer route", () => {
    it.each(named(shopRoutes))("%s refuses an unauthorized caller", async (_name, route) => {
      await expectNothingAsked(async () => {
        expectProblem(await call(route, { as: null }), 403, "forbidden");
        // Every customer may have keys of their own; everything else belongs to alice.
        if (route.subject !== "customer") expectProblem(await call(route, { as: "bob" }), 403, "forbidden");
      });
    });

    it.each(named(shopRoutes))(
      "%s refuses when authorize returns a truthy value other than true",
      async (_name, route) => {
        await expectNothingAsked(async () => {
          expectProblem(await call(route, { as: "truthy" }), 403, "forbidden");
        });
      },
    );

    it.each(named(shopRoutes))("%s refuses requests from other sites", async (_name, route) => {
      const origins: NonNullable<Ask["headers"]>[] = [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: `${shopOrigin}.evil.example` },
        { origin: "http://shop.example" },
        { origin: shopOrigin, "sec-fetch-site": "cross-site" },
        { origin: shopOrigin, "sec-fetch-site": "same-site" },
        ...(route.method === "GET"
          ? []
          : [{ origin: undefined }, { origin: shopOrigin, "sec-fetch-site": "none" }]),
      ];
      await expectNothingAsked(async () => {
        for (const headers of origins) expectProblem(await call(route, { headers }), 403, "origin-refused");
      });
    });

    it.each(named(changing))("%s accepts only JSON", async (_name, route) => {
      await expectNothingAsked(async () => {
        for (const type of [
          "application/x-www-form-urlencoded",
          "text/plain",
          "multipart/form-data; boundary=x",
        ]) {
          const answer = await call(route, { raw: "cardNumber=1", headers: { "content-type": type } });
          expectProblem(answer, 415, "unsupported-media-type");
        }
      });
    });

    it.each(named(changing))("%s rejects unknown fields", async (_name, route) => {
      await expectNothingAsked(async () => {
        const as = route.subject === "order" && isOfStaff(route) ? "staff" : "alice";
        const body = { ...(await bodyOf(route)), price: 1, "4111111111111111": "x" };
        const answer = await call(route, { as }, body);
        expectProblem(answer, 422, "invalid-input");
        expect(namedFields(answer)).toEqual(expect.arrayContaining(["[redacted]", "price"]));
        expect(answer.text).not.toContain("4111111111111111");
      });
    });

    it.each(named(shopRoutes))("%s lists its methods in Allow", async (_name, route) => {
      const path = await pathOf(route);
      const there = shopRoutes.filter((other) => other.path === route.path).map(({ method }) => method);
      const allow = [
        ...there.flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])),
        "OPTIONS",
      ];
      const options = await world.send("OPTIONS", path, undefined, { as: null });
      expect(options).toMatchObject({ status: 204, text: "" });
      expect(options.headers.allow).toBe(allow.join(", "));
      await expectNothingAsked(async () => {
        for (const method of methods.filter((each) => !there.some((known) => known === each))) {
          const headers = { origin: shopOrigin, "content-type": "application/json" };
          const answer = await world.send(method, path, method === "GET" ? undefined : "{}", { headers });
          expectProblem(answer, 405, "method-not-allowed");
          expect(answer.headers.allow).toBe(allow.join(", "));
        }
      });
    });
  });
}

function isOfStaff({ action }: ShopRoute): boolean {
  return ["cancel", "register-delivery", "confirm-rejection"].includes(action);
}
