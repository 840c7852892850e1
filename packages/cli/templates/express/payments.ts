// Payments through PAYAPI. `payapi init express` wrote this file once; it is yours now.
//
//   const payments = await openPayments();
//   app.use("/payments", payments.middleware); // before express.json() and every other body parser
//   payments.closeWith(app.listen(3000));
import type { Server } from "node:http";
import { createPayApi, type PayApi } from "@payapi/core";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import { type Ledger, openLedger } from "@payapi/ledger";
import type { RequestHandler } from "express";

// Stands for your own table. What is charged is this price: a browser never says one.
const sampleOrders = new Map([
  [
    "order-1",
    { id: "order-1", price: 15_000, goodsName: "머그컵", buyerName: "홍길동", customerId: "user-1" },
  ],
]);

const environments = ["sandbox", "test", "production"] as const;

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
  const {
    PAYAPI_ENVIRONMENT,
    PAYAPI_URL,
    PAYAPI_MID = "",
    PAYAPI_SIGN_KEY = "",
    PAYAPI_FIELD_KEY = "",
    PAYAPI_FIELD_IV = "",
    DATABASE_URL = "",
    LEDGER_SCHEMA,
    PUBLIC_URL = "",
  } = process.env;

  // There is no default: which money is moved is never guessed.
  const environment = environments.find((name) => name === PAYAPI_ENVIRONMENT);
  if (environment === undefined) {
    throw new Error(`PAYAPI_ENVIRONMENT must be one of ${environments.join(", ")}`);
  }
  const payapi = createPayApi({
    environment,
    ...(PAYAPI_URL && { baseUrl: PAYAPI_URL }), // the sandbox's address; empty elsewhere
    mid: PAYAPI_MID,
    signKey: PAYAPI_SIGN_KEY,
    fieldKey: PAYAPI_FIELD_KEY,
    fieldIv: PAYAPI_FIELD_IV,
  });

  const ledger = await openLedger({
    payapi,
    database: DATABASE_URL, // or a pool of `pg` that you have already
    ...(LEDGER_SCHEMA && { schema: LEDGER_SCHEMA }),
    // What billing keys are encrypted under: `openssl rand -base64 32`.
    // secrets: { current: process.env["LEDGER_SECRET"] ?? "" },
    // Where a yes is kept that comes while the database is away: a folder on a disk that outlives this process.
    // journal: process.env["LEDGER_JOURNAL"] ?? "",
  });

  const middleware = createPayApiMiddleware({
    payapi,
    ledger, // every call is written down before and after it

    // Where your orders are found. One that is not found is answered with 404.
    orders: { find: async (orderId) => sampleOrders.get(orderId) },

    // Who is asking. `request` is Express's own, with what your login left on it or on `response.locals`.
    // context: (_webRequest, request) => ({ userId: request.res?.locals["userId"] }),

    // Whether they may. Only `true` allows, so until you write this everybody gets a 403. For buyers who are logged in:
    // authorize: ({ action, order, context }) =>
    //   ["approve", "view"].includes(action) && context.userId !== undefined && context.userId === order.customerId,
    authorize: ({ action, order }) => {
      console.warn(`payments: refused to ${action} ${order.id}, since authorize is not written yet`);
      return false;
    },

    publicUrl: PUBLIC_URL, // as browsers see it, with the path that a proxy removes: https://shop.example/api
    basePath: "/payments", // where it is mounted: the whole path

    // Which endpoints there are. List what you use and no more.
    groups: [
      "cards", // keyed-in cards. Their numbers pass through this server, which puts it into PCI DSS SAQ D
      "orders", // what became of an order's payment
      // "card-prefix", // who issued a card, from its first six digits
      // "page", // the gateway's payment page, where no card number comes here; needs `returnTo`, deposits need `notifications`
      // "notifications", // what the gateway tells by itself; needs `sources` outside the sandbox
      // "billing-keys", // cards that are kept; needs `customerId`, `authorizeBillingKey` and the ledger's `secrets`
      // "charges", // takes money from a card that is kept: `authorize` must see that `billingKey.customerId` is the caller, too
      // "cancels", // gives money back: for the staff, better in a server of theirs
      // "escrow", // delivery, and what the buyer says to it
      // "escrow-status", // how far an escrow payment is
    ],

    // Attempts without success are counted by address, card, order and account, against those who try out stolen cards.
    clientAddress: (_webRequest, request) => request.socket.remoteAddress,
    // Your own proxies, whose X-Forwarded-For is believed. Behind one, all buyers have its address without this.
    // trustedProxies: ["10.0.0.0/8"],
    // rateLimits: { windowMs: 600_000, perAddress: 20, perCard: 5, perCustomer: 5, perOrder: 5 },

    // The account of the caller, if there is one: whose billing keys they are, and for counting.
    // customerId: (context) => context.userId,
    // Who gives money back, for the timeline that the staff reads later: a name of yours, no buyer's.
    // actor: (context) => context.userId,
    // authorizeBillingKey: ({ customerId, context }) => context.userId !== undefined && context.userId === customerId,

    // The page of your shop to which a buyer comes back from the gateway's.
    // returnTo: (orderId) => `/orders/${orderId}`,

    // Where notifications may come from: ask the gateway for its addresses, or say "unlisted" if it tells none.
    // Never your own proxy's or a private address: those go to trustedProxies.
    // sources: ["203.0.113.0/24"],
    // With "unlisted", how many that fit no order of yours are kept in an hour; what is more is not acknowledged.
    // notificationLimits: { windowMs: 3_600_000, perAddress: 100, inAll: 1_000, perOrder: 100 },
    // An unguessable end for the addresses you register with the gateway.
    // notificationKey: process.env["NOTIFICATION_KEY"],
    // How the gateway writes and wants answers, if you agreed on something else.
    // notificationCharsets: { mobile: "euc-kr", deposit: "euc-kr", escrow: "euc-kr" },
    // escrowAcknowledgement: "cd_rslt",
    // The whole address where another process takes the payment page's notifications.
    // notificationUrl: "https://notify.shop.example/payments/notifications/mobile",

    // Where operators read what went wrong; for pino: pino[level](fields, message). No card data is ever in it.
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
    /** At SIGTERM: no new requests, those under way to their end (a call may take 60 seconds), then the database. */
    closeWith(server) {
      process.once("SIGTERM", () => server.close(close));
    },
  };
}
