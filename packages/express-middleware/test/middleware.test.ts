import { get, type IncomingMessage, request } from "node:http";
import { isPayApiError } from "@payapi/core";
import express5, { type NextFunction, type Request, type Response } from "express";
import express4 from "express4";
import { describe, expect, it } from "vitest";
import { createPayApiMiddleware } from "../src/index.js";
import { serve } from "./serve.js";
import { shopOptions, shopOrigin } from "./shop.js";

const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" };
const payment = {
  method: "POST",
  headers: { origin: shopOrigin, "content-type": "application/json", "x-test-user": "alice" },
  body: JSON.stringify(card),
};

describe.each([
  { version: 5, express: express5 },
  { version: 4, express: express4 },
])("createPayApiMiddleware in Express $version", ({ express }) => {
  it("answers its own routes and passes all others on", async () => {
    const app = express()
      .use("/payments", createPayApiMiddleware(shopOptions()))
      .use((_request, response) => void response.status(418).send("the shop's own"));
    const url = await serve(app);
    const own = await fetch(`${url}/payments/orders/1`, { headers: { "x-test-user": "alice" } });
    expect(await own.json()).toEqual({ orderId: "1", status: "not-paid", price: 15_000, remainingPrice: 0 });
    for (const path of [
      "/payments",
      "/payments/help",
      "/payments/orders/1/cancel",
      "/paymentsorders/1",
      "/",
    ]) {
      expect({ path, status: (await fetch(url + path)).status }).toEqual({ path, status: 418 });
    }
  });

  // A guard by path must see the path that is served.
  it.each([
    "/payments/orders\\1",
    "/payments/x/../orders/1",
    "/payments/x/%2e%2E/orders/1",
    "/payments/orders/./1",
    "/payments//orders/1",
  ])("does not serve %s as another path", async (path) => {
    const app = express()
      .use("/payments", createPayApiMiddleware(shopOptions()))
      .use((_request, response) => void response.status(418).end());
    const { port } = new URL(await serve(app));
    const status = await new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port, path, headers: { "x-test-user": "alice" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).once("error", reject);
    });
    expect(status).toBe(418);
  });

  it.each([
    ["without a body parser", []],
    ["behind express.json()", [express.json()]],
    ["behind express.text()", [express.text({ type: "*/*" })]],
    [
      "behind express.json() and express.urlencoded({ extended: false })",
      [express.json(), express.urlencoded({ extended: false })],
    ],
  ])("takes a body %s", async (_how, parsers) => {
    const sent: URLSearchParams[] = [];
    const app = express();
    for (const parser of parsers) app.use(parser);
    app.use("/payments", createPayApiMiddleware(shopOptions(sent)));
    const answer = await fetch(`${await serve(app)}/payments/orders/1/card-approval`, payment);
    expect(await answer.json()).toMatchObject({ orderId: "1", status: "paid", price: 15_000 });
    expect(sent.map((form) => [form.get("oid"), form.get("price"), form.get("cardExpireYY")])).toEqual([
      ["1-1", "15000", "99"],
    ]);
  });

  it("refuses a form that a body parser has read", async () => {
    const app = express()
      .use(express.urlencoded({ extended: false }))
      .use("/payments", createPayApiMiddleware(shopOptions()));
    const answer = await fetch(`${await serve(app)}/payments/orders/1/card-approval`, {
      ...payment,
      headers: { ...payment.headers, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(card).toString(),
    });
    expect(answer.status).toBe(415);
  });

  it("finds its path in a router within a router", async () => {
    const options = { ...shopOptions(), basePath: "/shop/v1/payments" };
    const v1 = express.Router().use("/payments", createPayApiMiddleware(options));
    const url = await serve(express().use("/shop", express.Router().use("/v1", v1)));
    const answer = await fetch(`${url}/shop/v1/payments/orders/1`, { headers: { "x-test-user": "alice" } });
    expect(answer.status).toBe(200);
  });

  it("passes Express's own request to context, and a web Request that ignores the Host header", async () => {
    const seen: string[] = [];
    const options = shopOptions();
    const app = express()
      .use((request, _response, next) => {
        Object.assign(request, { session: { user: "alice" } });
        next();
      })
      .use(
        "/payments",
        createPayApiMiddleware({
          ...options,
          context: (request, native) => {
            seen.push(request.url);
            return { user: (native as unknown as { session: { user: string } }).session.user };
          },
        }),
      );
    const url = await serve(app);
    const answer = await fetch(`${url}/payments/orders/1?from=mail`, {
      headers: { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" },
    });
    expect(answer.status).toBe(200);
    expect(seen).toEqual([`${shopOrigin}/payments/orders/1?from=mail`]);
  });

  it("takes a caller's address from the socket, unless an option says otherwise", async () => {
    const counted: string[] = [];
    const { ledger, payapi, ...rest } = shopOptions();
    if (ledger === undefined) throw new Error("the shop has no ledger");
    const options = {
      ...rest,
      payapi: { ...payapi, fingerprint: (text: string) => text },
      ledger: {
        store: {
          ...ledger.store,
          reserveApproval: async (request: Parameters<typeof ledger.store.reserveApproval>[0]) => {
            const { counters = [] } = request.along?.rateLimit ?? {};
            counted.push(...counters.map(({ key }) => key).filter((key) => key.includes("address")));
            return ledger.store.reserveApproval(request);
          },
        },
      },
    };
    const app = express()
      .use("/payments", createPayApiMiddleware(options))
      .use(
        "/other",
        createPayApiMiddleware({
          ...options,
          basePath: "/other",
          clientAddress: (_request, native) => native.header("x-real-ip"),
        }),
      );
    const url = await serve(app);
    const headers = { ...payment.headers, "x-real-ip": "192.0.2.7" };
    for (const base of ["payments", "other"]) {
      const answer = await fetch(`${url}/${base}/orders/1/card-approval`, { ...payment, headers });
      expect(answer.status).toBe(200);
    }
    expect(counted).toEqual([expect.stringContaining("127.0.0.1"), expect.stringContaining("192.0.2.7")]);
  });

  it("answers a method that a web Request cannot carry like any other without a route", async () => {
    const app = express().use("/payments", createPayApiMiddleware(shopOptions()));
    const target = new URL(`${await serve(app)}/payments/orders/1`);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(target, { method: "TRACE" }, resolve).once("error", reject).end();
    });
    answer.resume();
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, "GET, HEAD, OPTIONS"]);
  });

  it("passes unexpected errors to Express's error handler", async () => {
    const app = express()
      .use((request, _response, next) => {
        Object.defineProperty(request, "headers", { value: { "no header name": "x" } });
        next();
      })
      .use("/payments", createPayApiMiddleware(shopOptions()))
      .use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
        response.status(500).send(error.name);
      });
    const answer = await fetch(`${await serve(app)}/payments/orders/1`);
    expect([answer.status, await answer.text()]).toEqual([500, "TypeError"]);
  });

  it("says all that is wrong with its options when it is made", () => {
    const options = {
      ...shopOptions(),
      publicUrl: "shop.example",
      basePath: "payments",
      authorize: undefined,
    };
    const make = () => createPayApiMiddleware(options as unknown as ReturnType<typeof shopOptions>);
    expect(make).toThrowError(
      expect.toSatisfy(
        (error) =>
          isPayApiError(error) &&
          error.code === "invalid-config" &&
          error.problems?.map(({ field }) => field).join() === "authorize,publicUrl,basePath",
      ),
    );
  });

  it.each([
    [undefined, "options"],
    [null, "options"],
    ["shop", "options"],
    [{ ...shopOptions(), grups: ["cancels"] }, "grups"],
  ])("rejects malformed and unknown options", (options, field) => {
    const make = () => createPayApiMiddleware(options as unknown as ReturnType<typeof shopOptions>);
    expect(make).toThrowError(
      expect.toSatisfy(
        (error) =>
          isPayApiError(error) &&
          error.code === "invalid-config" &&
          error.problems?.map((problem) => problem.field).join() === field,
      ),
    );
  });
});
