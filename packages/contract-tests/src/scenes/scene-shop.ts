import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createHttpsTransport,
  createPayApi,
  createPayments,
  type FullPaymentStore,
  type PayApi,
  type PayApiConfig,
  type Transport,
} from "@payapi/core";
import { type LogEntry, type Order, type PayApiHandlerOptions, routeGroups } from "@payapi/core/handler";
import { sendWebResponse, toWebRequest } from "@payapi/core/internal";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import type { Ledger } from "@payapi/ledger";
import { createPayApiRouteHandlers, type PayApiRouteHandlers } from "@payapi/next-route-handlers";
import { type SandboxOptions, startSandbox } from "@payapi/sandbox";
import express, { type RequestHandler } from "express";
import { goodCard } from "../handler/client.js";
import { type Brought, chooseAtPage } from "../handler/page-buyer.js";

/** What serves the handler: the Express middleware, or the App Router's handlers called over a plain web-standard server. */
export type SceneMount = "express" | "next";

/** The parts of a shop that a scene may change. */
export interface SceneOptions {
  readonly mount?: SceneMount;
  readonly sandbox?: SandboxOptions;
  /** The shop's own configuration, such as a wrong sign key. */
  readonly config?: Partial<PayApiConfig>;
  readonly handler?: Partial<PayApiHandlerOptions<string | undefined>>;
  /** Middleware above the handler's, in Express. */
  readonly before?: RequestHandler;
  /** Opens the ledger of the shop's client; its log is the shop's. */
  readonly openLedger: (payapi: PayApi, logger: (entry: LogEntry) => void) => Promise<Ledger>;
  /** Replaces methods of the store, as a failing database does. */
  readonly store?: (store: FullPaymentStore) => Partial<FullPaymentStore>;
}

/** An answer of the shop. */
export interface SceneAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly location: string | null;
}

/** A shop with every route on a server of its own, its gateway and its ledger. */
export type SceneShop = Awaited<ReturnType<typeof openSceneShop>>;

export const keyBuyer = {
  buyerName: "홍길동",
  buyerTel: "01012345678",
  buyerEmail: "a@shop.example",
} as const;

const notificationKey = "hook-0123456789abcdef";

/** The merchant that shop and sandbox share; `config` may make the shop's own settings wrong. */
export function sceneMerchant() {
  return {
    mid: `m${randomBytes(4).toString("hex")}`,
    signKey: `sign-key-${randomBytes(8).toString("hex")}`,
    fieldKey: randomBytes(16).toString("hex"),
    fieldIv: randomBytes(8).toString("hex"),
  };
}

export async function openSceneShop({ mount = "express", config, handler, store, ...given }: SceneOptions) {
  const merchant = sceneMerchant();
  const sandbox = await startSandbox({ port: 0, merchants: [merchant], ...given.sandbox });
  const common = { environment: "sandbox", baseUrl: sandbox.url, timeoutMs: 5_000 } as const;
  const wire: string[] = [];
  const transport = overheard(config?.transport ?? createHttpsTransport(), wire);
  const payapi = createPayApi({ ...merchant, ...common, ...config, transport });
  const logged: LogEntry[] = [];
  const logger = (entry: LogEntry) => void logged.push(entry);
  const ledger = await given.openLedger(payapi, logger);
  const orders = new Map<string, Order>();
  let answerRequest: (request: Request) => Promise<Response> = async () =>
    new Response(null, { status: 503 });
  const app = express();
  const server =
    mount === "express"
      ? createServer(app)
      : createServer((request, response) => {
          const web = toWebRequest(request, { origin, path: request.url ?? "/" });
          void answerRequest(web).then((answer) => sendWebResponse(response, answer));
        });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options: PayApiHandlerOptions<string | undefined> = {
    payapi,
    ledger: { store: { ...ledger.store, ...store?.(ledger.store) } },
    orders: { find: async (id) => orders.get(id) },
    context: (request) => request.headers.get("x-test-user") ?? undefined,
    authorize: ({ context }) => context !== "stranger",
    authorizeBillingKey: ({ context }) => context !== "stranger",
    customerId: (user) => user,
    clientAddress: () => "127.0.0.1",
    returnTo: (orderId, ticket) => `/orders/${encodeURIComponent(orderId)}?ticket=${ticket ?? ""}`,
    notificationKey,
    publicUrl: origin,
    basePath: "/payments",
    groups: routeGroups,
    logger,
    ...handler,
  };
  if (given.before !== undefined) app.use(given.before);
  if (mount === "express") app.use("/payments", createPayApiMiddleware(options));
  else answerRequest = asAppRouter(createPayApiRouteHandlers(options));
  sandbox.notifications.register({
    depositUrl: `${origin}/payments/notifications/deposit/${notificationKey}`,
    escrowUrl: `${origin}/payments/notifications/escrow/${notificationKey}`,
  });

  async function send(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
    const init = { method, headers, redirect: "manual", ...(body === undefined ? {} : { body }) } as const;
    const answer = await fetch(origin + path, init);
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json") === true;
    const location = answer.headers.get("location");
    return { status: answer.status, body: isJson ? JSON.parse(text) : { text }, location } as SceneAnswer;
  }
  const ask = (method: string, path: string, body: object = {}, headers: Record<string, string> = {}) =>
    send(method, `/payments${path}`, method === "GET" ? undefined : JSON.stringify(body), {
      origin,
      "content-type": "application/json",
      "accept-language": "en",
      "x-test-user": "alice",
      ...headers,
    });
  const form = (
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Record<string, string> = {},
  ) =>
    send("POST", path, new URLSearchParams(fields).toString(), {
      "content-type": "application/x-www-form-urlencoded",
      ...headers,
    });
  const shop = {
    merchant,
    sandbox,
    ledger,
    payapi,
    origin,
    logged,
    /** Every value that went to the gateway and came from it, as it went over the wire. */
    wire,
    ask,
    form,
    /** An order of the shop. */
    order(order: Partial<Order> = {}): string {
      const { id = `order-${orders.size + 1}` } = order;
      orders.set(id, { price: 15_000, goodsName: "머그컵", buyerName: "홍길동", ...order, id });
      return id;
    },
    forget: (id: string) => orders.delete(id),
    pay: (id: string, card: object = goodCard, headers?: Record<string, string>) =>
      ask("POST", `/orders/${id}/card-approval`, card, headers),
    status: async (id: string) => (await ask("GET", `/orders/${id}`)).body,
    cancel: (id: string) => ask("POST", `/orders/${id}/cancel`),
    cancelPart: (id: string, cancelPrice: number, confirmPrice: number) =>
      ask("POST", `/orders/${id}/partial-cancel`, { cancelPrice, confirmPrice }),
    link: (id: string, payType = "card") => ask("POST", `/orders/${id}/payment-link`, { payType }),
    /** A buyer who takes a link and chooses at the gateway's page; what the page sends back. */
    async atPage(id: string, choice: Readonly<Record<string, string>> = {}): Promise<Brought> {
      const { body } = await shop.link(id, choice.method ?? "card");
      return chooseAtPage(String(body.url), choice);
    },
    chooseAt: chooseAtPage,
    back: ({ path, fields }: Brought, changed: Readonly<Record<string, string>> = {}) =>
      form(path, { ...fields, ...changed }, { origin: new URL(sandbox.url).origin }),
    notify: (kind: "mobile" | "deposit" | "escrow", fields: Readonly<Record<string, string>>, headers = {}) =>
      form(
        `/payments/notifications/${kind}${kind === "mobile" ? "" : `/${notificationKey}`}`,
        fields,
        headers,
      ),
    /** The transactions of an order in the gateway's book. */
    atGateway: (id: string) => sandbox.book.transactions.filter(({ oid }) => oid.startsWith(`${id}-`)),
    /** The same shop after somebody changed its sign key. */
    wronglySigning: createPayApi({ ...merchant, ...common, signKey: "another-sign-key", transport }),
    /** In a ledger: a payment whose full cancel was carried out, and whose reply was lost. */
    async paidWithLostCancel(book: Ledger): Promise<string> {
      const id = "lost-cancel";
      const payments = createPayments({ payapi, ledger: book });
      await payments.authorizeCard({
        order: { id, price: 15_000, buyerName: "홍길동" },
        card: cardOf(goodCard),
      });
      sandbox.faults.next("reset-after-commit");
      await payments.cancel({ orderId: id });
      return id;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await ledger.close();
      await sandbox.close();
    },
  };
  return shop;
}

function cardOf({ cardNumber, cardExpireYY, cardExpireMM }: typeof goodCard) {
  return { cardNumber, cardExpireYY, cardExpireMM };
}

/** Calls route handlers as the App Router does: with the parts of the path that the catch-all route took. */
function asAppRouter(handlers: PayApiRouteHandlers): (request: Request) => Promise<Response> {
  return (request) => {
    const route = new URL(request.url).pathname
      .replace(/^\/payments\//, "")
      .split("/")
      .map(decodeURIComponent);
    const method = request.method as keyof PayApiRouteHandlers;
    return handlers[method](request, { params: Promise.resolve({ route }) });
  };
}

/** Writes down the values that a transport sends and receives. */
function overheard(transport: Transport, wire: string[]): Transport {
  return async (request) => {
    wire.push(...new URLSearchParams(Buffer.from(request.body).toString("latin1")).values());
    const reply = await transport(request);
    wire.push(...valuesOf(Buffer.from(reply.body).toString("utf8")));
    return reply;
  };
}

function valuesOf(reply: string): string[] {
  try {
    return Object.values(JSON.parse(reply) as Record<string, unknown>).map(String);
  } catch {
    return [...new URLSearchParams(reply).values()];
  }
}
