import { appendFileSync } from "node:fs";
import { createPayApi, type FullPaymentStore, type PayApi, type ReservedCall } from "@payapi/core";
import {
  type Logger,
  type OrderAction,
  type PayApiHandlerOptions,
  type RouteGroup,
  routeGroups,
} from "@payapi/core/handler";
import { openLedger } from "@payapi/ledger";
import pg from "pg";
import { shopOrder, shopOrigin } from "./shop-orders.js";

/** The addresses of the services that the test process runs. */
export interface ShopSettings {
  readonly SANDBOX_URL: string;
  readonly DATABASE_URL: string;
  readonly LEDGER_SCHEMA: string;
  /** The logger's lines are appended to this file, so that the test can read what another process logged. */
  readonly LOG_FILE: string;
}

/** Who is asking. */
export interface Caller {
  readonly user: string | undefined;
}

/** What a server has to serve: everything at `/payments`, and parts of it at other paths. */
export interface Shop {
  options(at: ShopPath): PayApiHandlerOptions<Caller>;
  close(): Promise<void>;
}

export const shopPaths = {
  "/payments": routeGroups,
  "/limited": ["cards", "card-prefix", "page", "charges"],
  "/status-only": ["orders"],
} as const satisfies Record<string, readonly RouteGroup[]>;

export type ShopPath = keyof typeof shopPaths;

/** What ends the paths of the notifications whose address is registered with the gateway. */
export const notificationKey = "hook-0123456789abcdef";

/** What the shop's ledgers keep billing keys under. */
export const ledgerSecrets = { current: Buffer.alloc(32, 7).toString("base64") } as const;

// Hundreds of tests decline the same cards; only `/limited` has the default limits.
const wideLimits = { perAddress: 1_000, perCard: 1_000, perCustomer: 1_000, perOrder: 100 } as const;

/** The published sandbox merchant; a stalled call ends after five seconds. */
export function sandboxPayApi(sandboxUrl: string): PayApi {
  return createPayApi({
    mid: "sandbox001",
    signKey: "b3JkZXItb2YtdGhlLWtleS0wMQ==",
    fieldKey: "1".repeat(32),
    fieldIv: "1".repeat(16),
    environment: "sandbox",
    baseUrl: sandboxUrl,
    timeoutMs: 5_000,
  });
}

/** The shop that the test process described in the environment. */
export function shopFromEnvironment(): Promise<Shop> {
  const setting = (name: keyof ShopSettings) => {
    const value = process.env[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value;
  };
  return openShop({
    SANDBOX_URL: setting("SANDBOX_URL"),
    DATABASE_URL: setting("DATABASE_URL"),
    LEDGER_SCHEMA: setting("LEDGER_SCHEMA"),
    LOG_FILE: setting("LOG_FILE"),
  });
}

/** The merchant's side of every mount: orders, callers, ledger and client, the same for all of them. */
export async function openShop(settings: ShopSettings): Promise<Shop> {
  const payapi = sandboxPayApi(settings.SANDBOX_URL);
  const ledger = await openLedger({
    payapi,
    database: settings.DATABASE_URL,
    schema: settings.LEDGER_SCHEMA,
    secrets: ledgerSecrets,
    // Some cases leave a call open on purpose.
    closeTimeoutMs: 0,
  });
  const pool = new pg.Pool({ connectionString: settings.DATABASE_URL, max: 2 });
  pool.on("error", () => {});
  const logger = fileLogger(settings.LOG_FILE);
  return {
    options: (basePath) => ({
      payapi,
      ledger: { store: fragileStore(ledger.store, pool) },
      orders: { find: async (orderId) => shopOrder(orderId) },
      context: (request) => ({ user: request.headers.get("x-test-user") ?? undefined }),
      customerId: (context) => context.user,
      actor: (context) => context.user,
      authorize: async ({ action, order, billingKey, context: { user } }) => {
        if (user === "truthy") return "yes" as unknown as boolean;
        if (user === "crash") throw new Error("the session store is down");
        if (user === "staff") return staffActions.includes(action);
        const isOwn =
          order.customerId === user && (billingKey === undefined || billingKey.customerId === user);
        return isOwn && buyerActions.includes(action);
      },
      authorizeBillingKey: async ({ customerId, context: { user } }) => {
        if (user === "truthy") return "yes" as unknown as boolean;
        return customerId === user;
      },
      clientAddress: (request) => request.headers.get("x-test-address") ?? "127.0.0.1",
      notificationKey,
      returnTo: (orderId, ticket, reason) => {
        const path = `/orders/${encodeURIComponent(orderId)}`;
        const owner = shopOrder(orderId)?.customerId;
        if (owner === "told") return `${path}?reason=${reason}`;
        return owner === "returning" ? `${path}?ticket=${ticket}` : path;
      },
      rateLimits: basePath === "/limited" ? undefined : wideLimits,
      publicUrl: shopOrigin,
      basePath,
      groups: shopPaths[basePath],
      logger,
    }),
    close: async () => {
      await ledger.close();
      await pool.end();
    },
  };
}

const staffActions: readonly OrderAction[] = ["view", "cancel", "register-delivery", "confirm-rejection"];
const buyerActions: readonly OrderAction[] = [
  "view",
  "approve",
  "charge",
  "confirm-purchase",
  "reject-purchase",
];

/** The ledger, made to fail for some owners' orders, and to wait for the test for those of `held`. */
function fragileStore(store: FullPaymentStore, pool: pg.Pool): FullPaymentStore {
  const is = (orderId: string, customerId: string) => shopOrder(orderId)?.customerId === customerId;
  const failFor = (orderId: string, customerId: string) => {
    if (is(orderId, customerId)) throw new Error("connect ECONNREFUSED 10.1.2.3:5432");
  };
  return {
    ...store,
    reserveApproval: async (request) => {
      failFor(request.orderId, "unrecorded");
      return store.reserveApproval(request);
    },
    reserveCancel: async (request) => {
      failFor(request.orderId, "unrecorded");
      failFor(request.orderId, "uncancelled");
      return store.reserveCancel(request);
    },
    markSending: async (call) => {
      if (is(call.orderId, "held")) await waitForTest(pool, call);
      failFor(call.orderId, "unmarked");
      return store.markSending(call);
    },
    settle: async (call, outcome) => {
      failFor(call.orderId, "unsettled");
      return store.settle(call, outcome);
    },
    findOrder: async (orderId) => {
      failFor(orderId, "unrecorded");
      return store.findOrder(orderId);
    },
  };
}

/** The test holds this lock for as long as the call is to wait. */
async function waitForTest(pool: pg.Pool, call: ReservedCall): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock(hashtext($1))", [call.orderId]);
    await client.query("commit");
  } finally {
    client.release();
  }
}

function fileLogger(path: string): Logger {
  return (entry) => appendFileSync(path, `${JSON.stringify(entry)}\n`);
}
