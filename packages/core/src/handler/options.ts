import type { PayApi } from "../client.js";
import { type Problem, problemsError } from "../errors.js";
import type { PaymentRecord } from "../record/index.js";

/** The merchant's order, as the handler needs it. It is the price: the browser never says an amount to charge. */
export interface Order {
  readonly id: string;
  /** Won to charge. */
  readonly price: number;
  readonly goodsName?: string | undefined;
  readonly buyerName: string;
  readonly buyerTel?: string | undefined;
  readonly buyerEmail?: string | undefined;
  /** Whose order it is, in the merchant's own terms, for `authorize`. */
  readonly owner?: string | undefined;
}

/** Which routes exist. A process that never cancels should not list `cancels`. */
export type RouteGroup = "cards" | "orders" | "cancels";

/** What somebody wants to do with an order. */
export interface AuthorizeRequest<Context> {
  readonly action: "approve" | "view" | "cancel";
  readonly order: Order;
  readonly context: Context;
}

/** Where the handler writes what operators must know; `console` and pino fit. Fields are named, and hold no card data. */
export interface Logger {
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** What the handler and both adapters take. */
export interface PayApiHandlerOptions<Context = unknown, Native = unknown> {
  readonly payapi: PayApi;
  /** Where payments are remembered: the ledger, or your own. */
  readonly record: PaymentRecord;
  /** Where the merchant's orders are found. */
  readonly orders: { find(orderId: string, context: Context): Promise<Order | undefined> };
  /**
   * Whether this caller may do this with this order. Only `true` allows; there is no default. An order that `orders` does not
   * find is answered with 404 and a forbidden one with 403: make order ids hard to guess, or let `orders` find only what the
   * caller may know of.
   */
  readonly authorize: (request: AuthorizeRequest<Context>) => boolean | Promise<boolean>;
  /** Who is asking, from cookies or (`native`) from what the framework knows, such as Express's `req.user`. */
  readonly context?: ((request: Request, native: Native) => Context | Promise<Context>) | undefined;
  /** The origin that buyers' browsers see, such as `https://shop.example`. Never taken from the request. */
  readonly publicOrigin: string;
  /** The path under which the routes live, such as `/payments`. */
  readonly basePath: string;
  /** Which routes exist. */
  readonly groups: readonly RouteGroup[];
  /** By default `console`. */
  readonly logger?: Logger | undefined;
}

const groupNames: readonly string[] = ["cards", "orders", "cancels"] satisfies RouteGroup[];

/**
 * Checks the options, all of them at once.
 *
 * @throws PayApiError `invalid-config`
 */
export function checkOptions<Context, Native>(options: PayApiHandlerOptions<Context, Native>): void {
  const problems: Problem[] = [];
  const demand = (field: string, fine: boolean, message: string): void => {
    if (!fine) problems.push({ field, message });
  };
  const { payapi, record, orders, authorize, publicOrigin, basePath, groups } = options;
  demand("payapi", typeof payapi === "object", "is missing: pass what createPayApi returns");
  demand(
    "record",
    typeof record?.reserveApproval === "function",
    "is missing: pass a ledger, or a record of your own",
  );
  demand("orders", typeof orders?.find === "function", "must have a function find(orderId, context)");
  demand(
    "authorize",
    typeof authorize === "function",
    "is missing: say who may do what; nothing is allowed by default",
  );
  demand(
    "publicOrigin",
    isOrigin(publicOrigin),
    'must be an origin such as "https://shop.example", without path',
  );
  demand(
    "publicOrigin",
    payapi?.environment !== "production" || String(publicOrigin).startsWith("https://"),
    "must be https in production",
  );
  demand(
    "basePath",
    /^(\/[A-Za-z0-9._~-]+)*$/.test(basePath ?? "?"),
    'must be a path such as "/payments", or ""',
  );
  demand(
    "groups",
    Array.isArray(groups) && groups.length > 0 && groups.every((group) => groupNames.includes(group)),
    `must list one or more of ${groupNames.map((name) => `"${name}"`).join(", ")}`,
  );
  if (problems.length > 0) throw problemsError("invalid-config", problems);
}

function isOrigin(value: unknown): boolean {
  return (
    typeof value === "string" &&
    URL.canParse(value) &&
    /^https?:/.test(value) &&
    new URL(value).origin === value
  );
}
