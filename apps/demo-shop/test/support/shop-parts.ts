import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPayApi } from "@payapi/core";
import { createPayApiHandler } from "@payapi/core/handler";
import type {} from "@payapi/dev-services/vitest";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { migrateLedger, type WorkerRun } from "@payapi/ledger";
import { openTimedLedger } from "@payapi/ledger/internal";
import { type Sandbox, sandboxMerchant, startSandbox } from "@payapi/sandbox";
import express from "express";
import { inject } from "vitest";
import { createBackOffice } from "../../src/back-office/app.js";
import { mintTicket, Staff } from "../../src/back-office/staff.js";
import { priceCart } from "../../src/shop/cart.js";
import { consumer, shopHandlers } from "../../src/shop/events/shop-worker.js";
import type { ShopOrder } from "../../src/shop/orders.js";
import { migrateShop } from "../../src/shop/schema.js";
import { openShop, type Shop } from "../../src/shop/shop.js";
import { goodCard } from "./buying.js";
import { createTestDatabase } from "./test-database.js";

/** The answer to a request of the staff's browser. */
export interface StaffAnswer {
  readonly status: number;
  /** The page's text, without its markup. */
  readonly text: string;
  readonly html: string;
}

/**
 * The shop without its pages for buyers: a gateway, a database, the payment endpoints, the worker's rounds, and the back
 * office, all in this process, with a clock that can be set forward.
 */
export interface ShopParts {
  readonly shop: Shop;
  readonly sandbox: Sandbox;
  readonly databaseUrl: string;
  /** For files, thrown away with the rest. */
  readonly folder: string;
  /** The folder of the ledger's journal, in it. */
  readonly journal: string;
  placeOrder(): Promise<ShopOrder>;
  /** Charges the good card; resolves to the answer's status. */
  payByCard(order: Pick<ShopOrder, "id">): Promise<number>;
  /** Goes to the gateway's payment page, pays there and comes back, unless said. */
  payOnPage(
    order: Pick<ShopOrder, "id">,
    payType: "card" | "vbank",
    options?: { readonly comesBack: boolean },
  ): Promise<void>;
  /** Repeats the gateway's notification of a virtual account with other fields. */
  notifyOtherwise(fields: Readonly<Record<string, string>>): Promise<void>;
  /** From now on the shop lists no source of notifications. */
  listNoSources(): void;
  /** One round of the shop's worker. */
  work(): Promise<WorkerRun>;
  /** For the ledger, its worker and the back office; the gateway's clock stays. */
  setForward(milliseconds: number): void;
  /** A page of the back office. */
  visit(path: string): Promise<StaffAnswer>;
  /** A form of the back office. */
  submit(path: string, fields: Readonly<Record<string, string>>): Promise<StaffAnswer>;
  /** The JSON that its cancel forms send. */
  cancel(orderId: string, part?: { cancelPrice: number; confirmPrice: number }): Promise<number>;
  close(): Promise<void>;
}

export async function openShopParts(): Promise<ShopParts> {
  const database = await createTestDatabase(inject("databaseUrl"));
  await migrateLedger(database.url);
  await migrateShop(database.url);
  const sandbox = await startSandbox({ port: 0, returnBy: "get" });
  // Listening from the start: another program may take a port that was only found.
  const [server, listening] = [createServer(), createServer()];
  const [origin, notified] = [await originOf(server), await originOf(listening)];
  const folder = await mkdtemp(join(tmpdir(), "ondam-parts-"));
  const journal = join(folder, "journal");
  const opened = await openShop({
    databaseUrl: database.url,
    journal,
    sandboxUrl: sandbox.url,
    publicOrigin: origin,
  });
  let ahead = 0;
  const clock = () => new Date(Date.now() + ahead);
  const payapi = createPayApi({ ...sandboxMerchant, environment: "sandbox", baseUrl: sandbox.url });
  const ledger = await openTimedLedger({
    payapi,
    database: database.url,
    journal,
    clock,
    maxPauseMs: 60_000,
    closeTimeoutMs: 0,
  });
  const shop: Shop = { ...opened, ledger };

  const handle = createPayApiHandler<undefined, undefined>({
    payapi,
    ledger,
    orders: shop.orders,
    context: () => undefined,
    authorize: () => true,
    clientAddress: () => "127.0.0.1",
    publicUrl: origin,
    basePath: "/payments",
    groups: ["cards", "page", "orders"],
    returnTo: (orderId) => `/orders/${orderId}`,
  });
  const takeNotifications = (sources?: "unlisted") =>
    createPayApiMiddleware<undefined>({
      payapi,
      ledger,
      orders: shop.orders,
      context: () => undefined,
      authorize: () => false,
      publicUrl: origin,
      basePath: "/payments",
      groups: ["notifications"],
      sources,
    });
  let take = takeNotifications();
  listening.on(
    "request",
    express().use("/payments", (request, response, next) => take(request, response, next)),
  );
  const depositUrl = `${notified}/payments/notifications/deposit`;
  sandbox.notifications.register({ depositUrl });
  const post = (path: string, body: unknown) =>
    handle(
      new Request(`${origin}/payments/orders/${path}`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
      undefined,
    );

  const secret = "a secret of this test run";
  server.on("request", createBackOffice(shop, new Staff(secret), clock));
  const entered = await fetch(`${origin}/enter?ticket=${mintTicket(secret, "직원 7")}`);
  const cookie = (entered.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const headers = { cookie, origin };

  const read = async (reply: Response): Promise<StaffAnswer> => {
    const html = await reply.text();
    return { status: reply.status, text: html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " "), html };
  };
  return {
    shop,
    sandbox,
    databaseUrl: database.url,
    folder,
    journal,
    placeOrder: () =>
      shop.orders.place({
        customerId: "nobody",
        buyer: { buyerName: "김온유", buyerTel: "01012345678", buyerEmail: "onyu@example.com" },
        cart: priceCart(new Map([["teapot", 1]])),
      }),
    async payByCard({ id }) {
      const card = { cardNumber: goodCard, cardExpireYY: "35", cardExpireMM: "11" };
      return (await post(`${id}/card-approval`, card)).status;
    },
    async payOnPage({ id }, payType, { comesBack } = { comesBack: true }) {
      const { url } = (await (await post(`${id}/payment-link`, { payType })).json()) as { url: string };
      const paid = await fetch(url, {
        method: "POST",
        body: new URLSearchParams({ action: "approve", method: payType, buyer: "김온유" }),
        redirect: "manual",
      });
      if (comesBack) await handle(new Request(paid.headers.get("location") ?? ""), undefined);
    },
    async notifyOtherwise(fields) {
      const sent = sandbox.notifications.list.findLast(({ kind }) => kind === "deposit");
      const body = new URLSearchParams({ ...sent?.fields, nm_input: "HONG", ...fields });
      const reply = await fetch(depositUrl, { method: "POST", body });
      if ((await reply.text()) !== "OK") throw new Error(`It was not taken: ${reply.status}`);
    },
    listNoSources() {
      take = takeNotifications("unlisted");
    },
    work: () => ledger.operations.runOnce({ consumer, on: shopHandlers(shop) }),
    setForward(milliseconds) {
      ahead += milliseconds;
    },
    visit: async (path) => read(await fetch(origin + path, { headers })),
    submit: async (path, fields) =>
      read(await fetch(origin + path, { method: "POST", headers, body: new URLSearchParams(fields) })),
    async cancel(orderId, part) {
      const path = part === undefined ? "cancel" : "partial-cancel";
      const reply = await fetch(`${origin}/payments/orders/${orderId}/${path}`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify(part ?? {}),
      });
      return reply.status;
    },
    async close() {
      server.closeAllConnections();
      listening.closeAllConnections();
      await new Promise<void>((resolve) => listening.close(() => resolve()));
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await ledger.close();
      await opened.close();
      await sandbox.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

async function originOf(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
