// Payments through PAYAPI, for the server only. `payapi init next` created this file; change it as you like.
import { configFromEnv, createPayApi } from "@payapi/core";
import { openLedger } from "@payapi/ledger";
import { createPayApiRouteHandlers, oncePerProcess } from "@payapi/next-route-handlers";

// Stands for your own table. The handler charges this price; browsers never send one.
const sampleOrders = new Map([
  [
    "order-1",
    { id: "order-1", price: 15_000, goodsName: "머그컵", buyerName: "홍길동", customerId: "user-1" },
  ],
]);

async function openPayments() {
  // All of them are in .env.example.
  const { DATABASE_URL = "", LEDGER_SCHEMA } = process.env;

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

  // Ends calls whose process died; without it their orders stay locked. Safe in any number of processes. Where processes
  // are frozen between requests, call `(await getPayments()).ledger.operations.recover()` from a scheduled job as well.
  const recover = () =>
    ledger.operations.recover().catch((error) => console.error("payments: recover failed", error));
  await recover();
  setInterval(recover, 60_000).unref();

  return { payapi, ledger };
}

/**
 * The client and the ledger, also for pages and jobs. They open at first use, so `next build` needs neither secrets nor a
 * database; and once per process, although Next evaluates this module for each bundle and after each edit. Restart `next dev`
 * after an edit of `openPayments`. In a page, call `await connection()` of next/server first, within <Suspense> if you use
 * `cacheComponents`; otherwise `next build` renders the page once, and every visitor sees that result.
 *
 * To recover at start instead of at the first request, call this in instrumentation.ts:
 *
 *   export async function register() {
 *     if (process.env.NEXT_RUNTIME !== "nodejs") return;
 *     const { getPayments } = await import("./lib/payments");
 *     // Where register() rejects, Next answers the whole shop with 500.
 *     await getPayments().catch((error) => console.error("payments: not open yet", error));
 *   }
 */
export const getPayments = oncePerProcess("payments", openPayments);

/** The endpoints. */
export const paymentHandlers = createPayApiRouteHandlers(async () => {
  const { payapi, ledger } = await getPayments();
  const { PUBLIC_URL = "", CLIENT_ADDRESS_HEADER = "" } = process.env;
  if (CLIENT_ADDRESS_HEADER === "") throw new Error("CLIENT_ADDRESS_HEADER is missing; see .env.example");

  return {
    payapi,
    ledger, // stores every call before and after it is made

    // Finds your orders. An unknown order is answered with 404.
    orders: { find: async (orderId) => sampleOrders.get(orderId) },

    // Identifies the caller by your session; `cookies()` and `headers()` of next/headers work here. An example:
    // context: async () => ({ userId: (await cookies()).get("user")?.value }),

    // Decides whether the caller may do it. Only `true` allows; until you write this, every request gets a 403. For logged-in buyers:
    // authorize: ({ action, order, context }) =>
    //   ["approve", "view"].includes(action) && context.userId !== undefined && context.userId === order.customerId,
    authorize: ({ action, order }) => {
      console.warn(`payments: refused to ${action} ${order.id}, since authorize is not written yet`);
      return false;
    },

    publicUrl: PUBLIC_URL, // as browsers see it, with next.config's basePath: https://shop.example/shop
    basePath: "/api/payments", // the folder's path: app/api/payments/[...route]

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
    // Next does not provide the client's address. Read the header that your own proxy sets and clients cannot.
    clientAddress: (request) => request.headers.get(CLIENT_ADDRESS_HEADER) ?? undefined,
    // Your own proxies, if that header may contain one of them: then X-Forwarded-For is read from the right.
    // trustedProxies: ["10.0.0.0/8"],
    // rateLimits: { windowMs: 600_000, perAddress: 20, perCard: 5, perCustomer: 5, perOrder: 5 },

    // The caller's customer id, if any: the owner of billing keys, and a rate limit's subject.
    // customerId: (context) => context.userId,
    // The name shown in the timeline for cancels: of a member of your staff, not of a buyer.
    // actor: (context) => context.userId,
    // authorizeBillingKey: ({ customerId, context }) => context.userId !== undefined && context.userId === customerId,

    // The page of your shop to which buyers return from the payment page. Its second argument, a ticket, shows the order's payment
    // to a buyer whose session stayed in another browser: payments.getOrder(orderId, { ticket }).
    // `reason` says why nothing was paid: cancelled, declined or expired; pageEndTexts of @payapi/core/browser has sentences.
    returnTo: (orderId, _ticket, reason) =>
      `/orders/${orderId}${reason === undefined ? "" : `?reason=${reason}`}`,
    // The payment methods of your contract; links for others are refused.
    methods: ["card", "bank", "vbank", "hpp"],
    // If the gateway accepts only a registered P_NEXT_URL: register https://shop.example/api/payments/page-return.
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
  };
});
