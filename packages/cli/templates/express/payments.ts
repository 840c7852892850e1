// Payments through PAYAPI. `payapi init express` created this file; change it as you like.
//
//   const payments = await openPayments();
//   app.use("/payments", payments.middleware); // before express.json() and every other body parser
//   payments.closeWith(app.listen(3000));
import type { Server } from "node:http";
import { configFromEnv, createPayApi, type PayApi } from "@payapi/core";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { type Ledger, openLedger } from "@payapi/ledger";
import type { RequestHandler } from "express";

// Stands for your own table. The handler charges this price; browsers never send one.
const sampleOrders = new Map([
  [
    "order-1",
    { id: "order-1", price: 15_000, goodsName: "머그컵", buyerName: "홍길동", customerId: "user-1" },
  ],
]);

export interface Payments {
  readonly payapi: PayApi;
  readonly ledger: Ledger;
  readonly middleware: RequestHandler;
  closeWith(server: Server): void;
  close(): Promise<void>;
}

/** Opens the gateway's client, the ledger and the middleware. Once, when the server starts. */
export async function openPayments(): Promise<Payments> {
  // All of them are in .env.example.
  const { DATABASE_URL = "", LEDGER_SCHEMA, PUBLIC_URL = "" } = process.env;

  // PAYAPI_ENVIRONMENT, PAYAPI_MID, the keys and, for the sandbox, PAYAPI_URL.
  const payapi = createPayApi(configFromEnv());

  const ledger = await openLedger({
    payapi,
    database: DATABASE_URL, // or your own `pg` pool
    ...(LEDGER_SCHEMA && { schema: LEDGER_SCHEMA }),
    // The secret that encrypts billing keys: `openssl rand -base64 32`.
    // secrets: { current: process.env["LEDGER_SECRET"] ?? "" },
    // Keeps approvals that arrive while the database is unreachable: a folder on a disk that outlives this process.
    // journal: process.env["LEDGER_JOURNAL"] ?? "",
  });

  const middleware = createPayApiMiddleware({
    payapi,
    ledger, // stores every call before and after it is made

    // Finds your orders. An unknown order is answered with 404.
    orders: { find: async (orderId) => sampleOrders.get(orderId) },

    // Identifies the caller. `request` is Express's own, with what your login set on it or on `response.locals`.
    // context: (_webRequest, request) => ({ userId: request.res?.locals["userId"] }),

    // Decides whether the caller may do it. Only `true` allows; until you write this, every request gets a 403. For logged-in buyers:
    // authorize: ({ action, order, context }) =>
    //   ["approve", "view"].includes(action) && context.userId !== undefined && context.userId === order.customerId,
    authorize: ({ action, order }) => {
      console.warn(`payments: refused to ${action} ${order.id}, since authorize is not written yet`);
      return false;
    },

    publicUrl: PUBLIC_URL, // as browsers see it, with the path that a proxy removes: https://shop.example/api
    basePath: "/payments", // the full path where it is mounted

    // The endpoints to serve. List only those that you use.
    groups: [
      "page", // the gateway's payment page: no card number passes through this server, which leaves it in the scope of PCI DSS SAQ A
      "orders", // the status of an order's payment
      "notifications", // the gateway's notifications, such as deposits; needs `sources` outside the sandbox
      // "cards", // keyed-in cards. Their numbers pass through this server, which puts it in the scope of PCI DSS SAQ D
      // "card-prefix", // looks up a card's issuer by its first six digits
      // "billing-keys", // stored cards; needs `customerId`, `authorizeBillingKey` and the ledger's `secrets`
      // "charges", // charges a stored card: `authorize` must also check that `billingKey.customerId` is the caller
      // "cancels", // refunds: for the staff, preferably on a separate server
      // "escrow", // registers a delivery; the buyer's confirmation or rejection
      // "escrow-status", // the state of an escrow payment
    ],

    // Rate limits against card testing: attempts without success count by address, card, order and customer.
    clientAddress: (_webRequest, request) => request.socket.remoteAddress,
    // Your own proxies, whose X-Forwarded-For is trusted. Without this, all buyers behind a proxy have its address.
    // trustedProxies: ["10.0.0.0/8"],
    // rateLimits: { windowMs: 600_000, perAddress: 20, perCard: 5, perCustomer: 5, perOrder: 5 },

    // The caller's customer id, if any: the owner of billing keys, and a rate limit's subject.
    // customerId: (context) => context.userId,
    // The name shown in the timeline for cancels: of a member of your staff, not of a buyer.
    // actor: (context) => context.userId,
    // authorizeBillingKey: ({ customerId, context }) => context.userId !== undefined && context.userId === customerId,

    // The page of your shop to which buyers return from the payment page.
    // `reason` says why nothing was paid: cancelled, declined or expired; pageEndTexts of @payapi/core/browser has sentences.
    returnTo: (orderId, _ticket, reason) =>
      `/orders/${orderId}${reason === undefined ? "" : `?reason=${reason}`}`,
    // The payment methods of your contract; links for others are refused.
    methods: ["card", "bank", "vbank", "hpp"],
    // If the gateway accepts only a registered P_NEXT_URL: register https://shop.example/payments/page-return.
    // constantNextUrl: true,

    // The addresses that may send notifications: ask the gateway for them, or set "unlisted" if it does not name them.
    // Do not list your own proxy or private addresses here; list them in trustedProxies.
    // sources: ["203.0.113.0/24"],
    // With "unlisted", how many notifications per hour are stored; those above a limit are not acknowledged.
    // notificationLimits: { windowMs: 3_600_000, perAddress: 100, inAll: 1_000, perOrder: 100 },
    // A secret last part of the URLs that you register with the gateway.
    // notificationKey: process.env["NOTIFICATION_KEY"],
    // The charsets of notifications and the escrow answer, if you agreed on others with the gateway.
    // notificationCharsets: { mobile: "euc-kr", deposit: "euc-kr", escrow: "euc-kr" },
    // escrowAcknowledgement: "cd_rslt",
    // The complete URL, if another process receives the payment page's notifications.
    // notificationUrl: "https://notify.shop.example/payments/notifications/mobile",

    // Receives failures for operators; for pino: pino[level](fields, message). Entries never contain card data.
    // logger: ({ level, message, ...fields }) => console[level](message, fields),
  });

  // Ends calls whose process died; without it their orders stay locked. Safe in any number of processes.
  const recover = () =>
    ledger.operations.recover().catch((error) => console.error("payments: recover failed", error));
  await recover();
  const everyMinute = setInterval(recover, 60_000);

  const close = async () => {
    clearInterval(everyMinute);
    await ledger.close();
  };

  return {
    payapi,
    ledger,
    middleware,
    close,
    /** On SIGTERM: refuses new requests, waits for those in flight (a call may take 60 seconds), then closes the database. */
    closeWith(server) {
      process.once("SIGTERM", () => server.close(close));
    },
  };
}
