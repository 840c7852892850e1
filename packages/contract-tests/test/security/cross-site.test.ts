/// <reference lib="dom" />
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { launchChromium } from "@payapi/dev-services/chromium";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { memoryLedger } from "@payapi/ledger";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import express from "express";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxPayApi } from "../../src/handler/shop.js";
import { goodCard } from "../../src/handler/world.js";

// The worst shop there is: it allows everybody everything, so that nothing but the origin stands in the way.
let sandbox: Sandbox;
let browser: Browser;
let shop: Server;
let evil: Server;
let shopUrl: string;
let evilUrl: string;
const reached: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  browser = await launchChromium();
  shop = createServer();
  shopUrl = await listen(shop, "127.0.0.1");
  const payapi = sandboxPayApi(sandbox.url);
  const app = express()
    .use((request, _response, next) => {
      reached.push(`${request.method} ${request.path}`);
      next();
    })
    .use(
      "/payments",
      createPayApiMiddleware({
        payapi,
        record: memoryLedger({ payapi }),
        orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동" }) },
        authorize: () => true,
        authorizeBillingKey: () => true,
        account: () => "everybody",
        publicOrigin: shopUrl,
        basePath: "/payments",
        groups: ["cards", "orders", "cancels", "billing-keys", "charges"],
        logger: { warn: () => {}, error: () => {} },
      }),
    )
    .get("/", (_request, response) => void response.send("<!doctype html><title>shop</title>"));
  shop.on("request", app);
  evil = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>evil</title><body>");
  });
  // To a browser, localhost and 127.0.0.1 are two sites.
  evilUrl = (await listen(evil, "localhost")).replace("127.0.0.1", "localhost");
});

afterAll(async () => {
  await browser.close();
  for (const server of [shop, evil]) {
    server.closeAllConnections();
    server.close();
  }
  await sandbox.close();
});

async function listen(server: Server, host: string): Promise<string> {
  server.listen(0, host);
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function pageAt(url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return page;
}

const approval = (orderId: string) => `${shopUrl}/payments/orders/${orderId}/card-approval`;
const charges = () => sandbox.book.transactions.length;

describe("another site's page, in a real browser", () => {
  it.each(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])(
    "cannot pay with a form of %s",
    async (enctype) => {
      const page = await pageAt(evilUrl);
      const before = charges();
      const answered = page.waitForResponse((response) => response.url().includes("/card-approval"));
      await page.evaluate(
        ([action, type, card]) => {
          const form = document.createElement("form");
          Object.assign(form, { method: "post", action, enctype: type });
          // As text/plain this makes one JSON object of name, "=" and value.
          const input = document.createElement("input");
          input.name = `${card.slice(0, -1)},"x":"`;
          input.value = '"}';
          form.append(input);
          document.body.append(form);
          form.submit();
        },
        [approval(`form-${enctype.length}`), enctype, JSON.stringify(goodCard)] as const,
      );
      expect((await answered).status()).toBe(403);
      expect(charges()).toBe(before);
      await page.context().close();
    },
  );

  it.each([
    ["a fetch with JSON", { headers: { "content-type": "application/json" } }],
    ["a fetch without CORS", { mode: "no-cors" }],
    ["a fetch without CORS that says text", { mode: "no-cors", headers: { "content-type": "text/plain" } }],
    ["a fetch that hides where it comes from", { mode: "no-cors", referrerPolicy: "no-referrer" }],
  ] as const)("cannot pay with %s", async (_how, init) => {
    const page = await pageAt(evilUrl);
    const before = charges();
    await page.evaluate(
      ([url, options, body]) =>
        fetch(url, { ...options, method: "POST", credentials: "include", body }).then(
          () => "answered",
          () => "blocked",
        ),
      [approval("fetch"), init as RequestInit, JSON.stringify(goodCard)] as const,
    );
    expect(charges()).toBe(before);
    await page.context().close();
  });

  it("cannot pay with a beacon, nor from a sandboxed frame", async () => {
    const page = await pageAt(evilUrl);
    const before = charges();
    const seen = reached.length;
    const frame = page.waitForResponse((response) => response.url().includes("/frame/"));
    await page.evaluate(
      ([beacon, url, body]) => {
        navigator.sendBeacon(beacon, new Blob([body], { type: "text/plain" }));
        const inner = document.createElement("iframe");
        inner.setAttribute("sandbox", "allow-scripts allow-forms");
        inner.srcdoc = `<form method="post" action="${url}" enctype="text/plain"></form><script>document.forms[0].submit()</script>`;
        document.body.append(inner);
      },
      [approval("beacon"), approval("frame"), JSON.stringify(goodCard)] as const,
    );
    expect((await frame).status()).toBe(403);
    await expect.poll(() => reached.slice(seen)).toContain("POST /payments/orders/beacon/card-approval");
    expect(charges()).toBe(before);
    await page.context().close();
  });

  it("cannot read an order", async () => {
    const page = await pageAt(evilUrl);
    const read = await page.evaluate(
      (url) =>
        fetch(url, { credentials: "include" }).then(
          (answer) => answer.text(),
          () => "blocked",
        ),
      `${shopUrl}/payments/orders/read`,
    );
    expect(read).toBe("blocked");
    await page.context().close();
  });

  it("can do none of what the shop's own page does with the same call", async () => {
    const page = await pageAt(shopUrl);
    const before = charges();
    const status = await page.evaluate(
      ([url, body]) =>
        fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body }).then(
          (answer) => answer.status,
        ),
      [approval("own"), JSON.stringify(goodCard)] as const,
    );
    expect(status).toBe(200);
    expect(charges()).toBe(before + 1);
    await page.context().close();
  });
});
