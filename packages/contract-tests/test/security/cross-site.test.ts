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
import { goodCard } from "../../src/handler/client.js";
import { sandboxPayApi } from "../../src/handler/shop.js";

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
        ledger: memoryLedger({ payapi }),
        orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동" }) },
        authorize: () => true,
        authorizeBillingKey: () => true,
        customerId: () => "everybody",
        publicUrl: shopUrl,
        basePath: "/payments",
        groups: ["cards", "orders", "cancels", "billing-keys", "charges"],
        logger: () => {},
      }),
    )
    .get("/", (_request, response) => void response.send("<!doctype html><title>shop</title>"));
  shop.on("request", app);
  evil = createServer((request, response) => {
    const page = decodeURIComponent(new URL(request.url ?? "", "http://x").search.slice(1));
    response.setHeader("content-type", "text/html").end(`<!doctype html><title>evil</title><body>${page}`);
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

/** Opens the other site's page with this in its body; gives its title once its scripts have set another. */
async function visit(html: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${evilUrl}/?${encodeURIComponent(html)}`);
  return page;
}

const approval = (orderId: string) => `${shopUrl}/payments/orders/${orderId}/card-approval`;
const charges = () => sandbox.book.transactions.length;
const card = JSON.stringify(goodCard);
const quoted = (text: string) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");

/** A form that submits itself; as text/plain its one field makes a JSON object of name, "=" and value. */
const form = (orderId: string, type: string) =>
  `<form method="post" action="${approval(orderId)}" enctype="${type}">
<input name="${quoted(`${card.slice(0, -1)},"x":"`)}" value="${quoted('"}')}"></form><script>document.forms[0].submit()</script>`;

/** A script that notes in the title how its fetch ended. */
const fetching = (url: string, init: object) =>
  `<script>fetch(${JSON.stringify(url)}, ${JSON.stringify(init)})
.then((answer) => answer.text(), () => "blocked").then((text) => { document.title = "ended " + text; })</script>`;

async function titleAfter(page: Page): Promise<string> {
  await expect.poll(() => page.title(), { timeout: 30_000 }).toMatch(/^ended/);
  return page.title();
}

describe("another site's page, in a real browser", () => {
  it.each(["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])(
    "cannot pay with a form of %s",
    async (type) => {
      const before = charges();
      const seen = reached.length;
      const orderId = `form-${type.length}`;
      const page = await visit(form(orderId, type));
      await page.waitForURL(approval(orderId));
      expect(await page.textContent("body")).toContain("origin-refused");
      expect(reached.slice(seen)).toEqual([`POST /payments/orders/${orderId}/card-approval`]);
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
    const before = charges();
    const request = { ...init, method: "POST", credentials: "include", body: card };
    const page = await visit(fetching(approval("fetch"), request));
    // Blocked, or sent and answered with what the page may not read.
    expect(["ended blocked", "ended"]).toContain(await titleAfter(page));
    expect(charges()).toBe(before);
    await page.context().close();
  });

  it("cannot pay with a beacon, nor from a sandboxed frame", async () => {
    const before = charges();
    const seen = reached.length;
    const page =
      await visit(`<script>navigator.sendBeacon(${JSON.stringify(approval("beacon"))}, ${JSON.stringify(card)})</script>
<iframe sandbox="allow-scripts allow-forms" srcdoc="${quoted(form("frame", "text/plain"))}"></iframe>`);
    for (const orderId of ["beacon", "frame"]) {
      await expect
        .poll(() => reached.slice(seen), { timeout: 30_000 })
        .toContain(`POST /payments/orders/${orderId}/card-approval`);
    }
    await expect.poll(() => page.frames()[1]?.content(), { timeout: 30_000 }).toContain("origin-refused");
    expect(charges()).toBe(before);
    await page.context().close();
  });

  it("cannot read an order", async () => {
    const page = await visit(fetching(`${shopUrl}/payments/orders/read`, { credentials: "include" }));
    expect(await titleAfter(page)).toBe("ended blocked");
    await page.context().close();
  });

  it("cannot make any call that the shop's own page makes", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(shopUrl);
    const before = charges();
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: card };
    await page.setContent(fetching(approval("own"), init));
    expect(await titleAfter(page)).toContain('"status":"paid"');
    expect(charges()).toBe(before + 1);
    await page.context().close();
  });
});
