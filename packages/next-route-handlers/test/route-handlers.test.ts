import { createPayApi, type FullPaymentStore, isPayApiError, type PaymentStore } from "@payapi/core";
import { describe, expect, it } from "vitest";
import { createPayApiRouteHandlers, type PayApiRouteHandlersOptions } from "../src/index.js";

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** A route that is no catch-all: the URL decides. */
const atUrl = { params: Promise.resolve({}) };

describe("createPayApiRouteHandlers", () => {
  it("asks for its options at the first request and not before, and once", async () => {
    let loads = 0;
    const { GET } = createPayApiRouteHandlers(async () => {
      loads += 1;
      return shopOptions();
    });
    expect(loads).toBe(0);
    const answers = await Promise.all([GET(status(), atUrl), GET(status(), atUrl), GET(status(), atUrl)]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200]);
    expect(await answers[0]?.json()).toEqual({
      orderId: "1",
      status: "not-paid",
      price: 15_000,
      remainingPrice: 0,
    });
    expect(loads).toBe(1);
  });

  it.each(["at once", "later"])(
    "tries again at the next request when they failed to load, %s",
    async (when) => {
      let loads = 0;
      const { GET } = createPayApiRouteHandlers(() => {
        loads += 1;
        const isFirst = loads === 1;
        if (isFirst && when === "at once") throw new Error("the database is starting");
        if (isFirst)
          return Promise.reject<ReturnType<typeof shopOptions>>(new Error("the database is starting"));
        return shopOptions();
      });
      await expect(GET(status(), atUrl)).rejects.toThrow("the database is starting");
      expect((await GET(status(), atUrl)).status).toBe(200);
      expect((await GET(status(), atUrl)).status).toBe(200);
      expect(loads).toBe(2);
    },
  );

  it("takes the options themselves, too", async () => {
    const { GET } = createPayApiRouteHandlers(shopOptions());
    expect((await GET(status(), atUrl)).status).toBe(200);
  });

  it("says all that is wrong with them", async () => {
    const { GET } = createPayApiRouteHandlers(() => ({
      ...shopOptions(),
      publicUrl: "shop.example",
      basePath: "payments",
    }));
    await expect(GET(status(), atUrl)).rejects.toSatisfy(
      (error) =>
        isPayApiError(error) &&
        error.code === "invalid-config" &&
        error.problems?.map(({ field }) => field).join() === "publicUrl,basePath",
    );
  });

  it.each([
    [undefined, "options"],
    [null, "options"],
    [{ ...shopOptions(), grups: ["cards"] }, "grups"],
  ])("reports wrong options at creation, if they are not a function", async (options, field) => {
    const names = (error: unknown) =>
      isPayApiError(error) && error.problems?.map((each) => each.field).join();
    const make = () => createPayApiRouteHandlers(options as unknown as PayApiRouteHandlersOptions<undefined>);
    expect(make).toThrowError(expect.toSatisfy((error) => names(error) === field));
    const { GET } = createPayApiRouteHandlers(
      () => options as unknown as PayApiRouteHandlersOptions<undefined>,
    );
    await expect(GET(status(), atUrl)).rejects.toSatisfy((error) => names(error) === field);
  });

  it.each([
    ["the source of a rewrite", "https://shop.example/pay/orders/1/"],
    ["no basePath of next.config, which publicUrl has", "https://shop.example/api/payments/orders/1"],
    ["another route", "https://shop.example/payments/orders/2"],
  ])("finds the route by the catch-all's parameters where the URL has %s", async (_what, url) => {
    const { GET } = createPayApiRouteHandlers({ ...shopOptions(), publicUrl: "https://shop.example/shop" });
    const params = Promise.resolve({ locale: "ko", route: ["orders", "1"] });
    const answer = await GET(new Request(url), { params });
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ orderId: "1" })]);
  });

  it.each([["a/b"], ["../x"], ["100%"], ["주문 1"], ["%2F"]])(
    "passes the parameter %j on as the order id that it is",
    async (id) => {
      const orders = {
        find: async (orderId: string) => ({ id: orderId, price: 1_000, buyerName: "홍길동" }),
      };
      const { GET } = createPayApiRouteHandlers({ ...shopOptions(), orders });
      const params = Promise.resolve({ route: ["orders", id] });
      const answer = await GET(new Request("https://shop.example/x"), { params });
      expect(await answer.json()).toMatchObject({ orderId: id });
    },
  );

  it.each(["payments", "payments/orders/1/refund", ""])("answers not-found for the path %j", async (path) => {
    const { GET } = createPayApiRouteHandlers(shopOptions());
    const params = Promise.resolve({ route: path === "" ? undefined : path.split("/") });
    expect((await GET(new Request("https://shop.example/nothing"), { params })).status).toBe(404);
  });

  it.each([
    ["was read", async (request: Request) => void (await request.text())],
    ["is held by a reader", async (request: Request) => void request.body?.getReader()],
  ])("answers body-consumed with the fix if the request's body %s before", async (_how, use) => {
    const logged: unknown[] = [];
    const { POST } = createPayApiRouteHandlers({
      ...shopOptions(),
      groups: ["cancels"],
      authorize: () => true,
      logger: (entry) => logged.push(entry),
    });
    const headers = {
      origin: "https://shop.example",
      "content-type": "application/json",
      "accept-language": "en",
    };
    const url = "https://shop.example/payments/orders/1/cancel";
    const request = new Request(url, { method: "POST", headers, body: "{}" });
    await use(request);
    const answer = await POST(request, { params: Promise.resolve({ route: ["orders", "1", "cancel"] }) });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({
      code: "body-consumed",
      detail: expect.stringContaining("in Next.js, read request.clone()"),
    });
    expect(logged).toEqual([expect.objectContaining({ level: "error", code: "body-consumed" })]);
  });

  it.each(methods)("answers %s through the handler", async (method) => {
    const handlers = createPayApiRouteHandlers(shopOptions());
    const answer = await handlers[method](
      new Request("https://shop.example/payments/nothing", { method }),
      atUrl,
    );
    expect(answer.status).toBe(404);
    expect(answer.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  });

  it("has a handler for each method the App Router knows, and nothing else", () => {
    expect(Object.keys(createPayApiRouteHandlers(shopOptions())).toSorted()).toEqual(methods.toSorted());
  });
});

function status(): Request {
  return new Request("https://shop.example/payments/orders/1");
}

function shopOptions(): PayApiRouteHandlersOptions<undefined> {
  return {
    payapi: createPayApi({
      mid: "sandbox001",
      signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
      fieldKey: "1".repeat(32),
      fieldIv: "1".repeat(16),
      environment: "sandbox",
    }),
    ledger: { store: emptyStore as FullPaymentStore },
    orders: { find: async (id) => (id === "1" ? { id, price: 15_000, buyerName: "홍길동" } : undefined) },
    authorize: ({ action }) => action === "view",
    publicUrl: "https://shop.example",
    basePath: "/payments",
    groups: ["orders"],
  };
}

const emptyStore: PaymentStore = {
  reserveApproval: async () => ({ status: "refused", reason: "in-progress", order: undefined }),
  reserveCancel: async () => ({ status: "refused", reason: "not-paid", order: undefined }),
  markSending: async () => {},
  settle: async ({ orderId }) => ({ orderId, status: "unknown", price: 0, remainingPrice: 0 }),
  findOrder: async () => undefined,
  consumeRateLimit: async () => ({ allowed: true, counted: [] }),
  releaseRateLimit: async () => {},
  beginRequest: async () => ({ status: "new" }),
  endRequest: async () => {},
};
