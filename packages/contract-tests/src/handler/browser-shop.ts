import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createPayApiBrowser, type PayApiBrowser } from "@payapi/core/browser";
import { type LogEntry, type Order, routeGroups } from "@payapi/core/handler";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { type Ledger, memoryLedger } from "@payapi/ledger";
import { type Sandbox, startSandbox } from "@payapi/sandbox";
import express from "express";
import { sandboxPayApi } from "./shop.js";

/** A JSON answer of the handler as it came over the wire. */
export interface SeenAnswer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A shop with every route, its gateway, and the pages that use the browser client. */
export interface BrowserShop {
  readonly origin: string;
  readonly sandbox: Sandbox;
  readonly ledger: Ledger;
  /** Every answer that a client of this process got. */
  readonly seen: readonly SeenAnswer[];
  /** The requests that reached the other server to which `/moved` leads. */
  readonly caught: readonly string[];
  /** What the shop logged. */
  readonly log: readonly string[];
  /** Puts an order on the shop's list. */
  order(order?: Partial<Order>): string;
  /** The client, as alice's browser has it. `lose`: the answers come, and get lost on their last step. */
  client(how?: { readonly language?: "ko" | "en"; readonly lose?: true }): PayApiBrowser;
  close(): Promise<void>;
}

const clientFolder = dirname(fileURLToPath(import.meta.resolve("@payapi/core/browser")));

const shopPage = `<!doctype html><title>Shop</title>
<script type="module">import * as client from "/client/index.js"; globalThis.payapi = client;</script>`;

/** Starts it on Express, on ports of its own. */
export async function openBrowserShop(): Promise<BrowserShop> {
  const sandbox = await startSandbox({ port: 0 });
  const app = express();
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const payapi = sandboxPayApi(sandbox.url);
  const ledger = memoryLedger({ payapi, secrets: { current: randomBytes(32).toString("hex") } });
  const orders = new Map<string, Order>();
  const log: string[] = [];
  const write = (entry: LogEntry) => {
    log.push(JSON.stringify(entry));
  };
  const isAlice = (user: string | undefined) => user === "alice";
  app.use(
    "/payments",
    createPayApiMiddleware({
      payapi,
      ledger,
      orders: { find: async (id) => orders.get(id) },
      context: (request) => /(?:^|; )user=(\w+)/.exec(request.headers.get("cookie") ?? "")?.[1],
      authorize: ({ context }) => isAlice(context),
      authorizeBillingKey: ({ customerId, context }) => isAlice(context) && customerId === context,
      customerId: (user) => user,
      clientAddress: (_request, native) => native.socket.remoteAddress,
      returnTo: (orderId) => `/shop?order=${encodeURIComponent(orderId)}`,
      publicUrl: origin,
      basePath: "/payments",
      groups: routeGroups,
      logger: write,
    }),
  );
  app.get("/shop", (_request, response) => {
    response.cookie("user", "alice", { httpOnly: true, sameSite: "lax" });
    response.type("html").send(shopPage);
  });
  app.use("/client", express.static(clientFolder));
  // A path that leads to another server, as a mistake or an attack would have it. A browser takes another host name for another server.
  const caught: string[] = [];
  app.use("/caught", (request, response) => {
    caught.push(`${request.method} ${request.path}`);
    response.json({});
  });
  app.use("/moved", (request, response) => {
    response.redirect(307, `${origin.replace("127.0.0.1", "localhost")}/caught${request.path}`);
  });
  const seen: SeenAnswer[] = [];
  return {
    origin,
    sandbox,
    ledger,
    seen,
    caught,
    log,
    order: (order) => {
      const { id = `order-${orders.size + 1}` } = order ?? {};
      orders.set(id, { price: 15_000, goodsName: "머그컵", buyerName: "홍길동", ...order, id });
      return id;
    },
    client: ({ language = "en", lose } = {}) =>
      createPayApiBrowser({
        basePath: "/payments",
        language,
        // Node.js has neither an origin nor cookies: this is what a browser adds.
        fetch: async (url, { mode: _, ...init }) => {
          const headers = new Headers(init.headers);
          headers.set("origin", origin);
          headers.set("cookie", "user=alice");
          const response = await fetch(origin + url, { ...init, headers });
          const body = (await response.clone().json()) as Record<string, unknown>;
          const { method = "GET" } = init;
          seen.push({ method, path: url.slice("/payments".length), status: response.status, body });
          if (lose) throw new TypeError("fetch failed");
          return response;
        },
      }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await sandbox.close();
    },
  };
}
