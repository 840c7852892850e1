import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createPayApiBrowser } from "@payapi/core/browser";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { memoryLedger } from "@payapi/ledger";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import express from "express";
import { afterAll, beforeAll, expect, it } from "vitest";
import { chooseAtPage } from "../../src/handler/page-buyer.js";
import { sandboxPayApi } from "../../src/handler/shop.js";

// A shop at /payments behind a proxy that removes /api, whose pages are elsewhere on the same origin.
let sandbox: Sandbox;
let shop: Server;
let proxy: Server;
let origin: string;

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  shop = createServer();
  const shopPort = await listen(shop);
  proxy = createServer((request, response) => {
    const { method, url = "", headers } = request;
    if (!url.startsWith("/api/")) return void response.writeHead(404).end();
    const passed = httpRequest({ port: shopPort, method, path: url.slice("/api".length), headers });
    passed.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(passed);
  });
  origin = `http://127.0.0.1:${await listen(proxy)}`;
  const payapi = sandboxPayApi(sandbox.url);
  const middleware = createPayApiMiddleware({
    payapi,
    ledger: memoryLedger({ payapi }),
    orders: { find: async (id) => ({ id, price: 15_000, buyerName: "홍길동" }) },
    authorize: () => true,
    publicUrl: `${origin}/api`,
    basePath: "/payments",
    groups: ["page", "orders", "notifications"],
    returnTo: (orderId) =>
      orderId.startsWith("elsewhere") ? `${origin}/my/${orderId}` : `/orders/${orderId}`,
  });
  shop.on("request", express().use("/payments", middleware));
});

afterAll(async () => {
  for (const server of [proxy, shop]) {
    server.closeAllConnections();
    server.close();
  }
  await sandbox.close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const client = () =>
  createPayApiBrowser({
    basePath: "/api/payments",
    // What a browser adds. Node.js knows no request to a page's own origin.
    fetch: (url, { mode: _, headers, ...init }) =>
      fetch(origin + url, { ...init, headers: { ...headers, origin } }),
  });

/** Pays at the payment page, and comes back the way it says. */
async function payAtPage(
  orderId: string,
  payType: string,
): Promise<{ location: string | null; tid: string }> {
  const { url } = await client().createPaymentLink(orderId, { payType });
  const { path, fields } = await chooseAtPage(url, { method: payType });
  const form = { method: "POST", body: new URLSearchParams(fields), redirect: "manual" } as const;
  const { headers } = await fetch(origin + path, form);
  return { location: headers.get("location"), tid: fields.P_TID ?? "" };
}

it("a buyer returns through a proxy that removes a path, and the order is paid", async () => {
  expect(await payAtPage("order-1", "card")).toMatchObject({ location: `${origin}/api/orders/order-1` });
  expect(await client().getOrder("order-1")).toMatchObject({ status: "paid" });
});

it("a buyer returns to a page of the same origin outside that path, if returnTo says its full URL", async () => {
  expect(await payAtPage("elsewhere-1", "card")).toMatchObject({ location: `${origin}/my/elsewhere-1` });
});

it("notifications reach the shop through a proxy that removes a path", async () => {
  const { tid } = await payAtPage("order-2", "vbank");
  sandbox.outside.deposit(tid);
  await sandbox.notifications.idle();
  expect(await client().getOrder("order-2")).toMatchObject({ status: "paid" });
});
