import type { PayApi } from "../client.js";
import type { PayableOrder } from "../payments/authorize.js";
import type { BillingKey, PaymentLedger, ReceivedNotification } from "../store/index.js";

/** The merchant's order, as the handler needs it. It is the price: the browser never says an amount to charge. */
export interface Order extends PayableOrder {
  /**
   * Won to charge. An order whose price changes while a virtual account waits for its money is paid by a deposit of the old
   * price: give what is changed a new order, or compare `price` in what the ledger says before you deliver.
   */
  readonly price: number;
  /** What is sold to a mobile phone's bill, on the payment page. */
  readonly hppMethod?: "digital-content" | "physical-goods" | undefined;
  /** Pay through escrow, on the payment page. */
  readonly escrow?: boolean | undefined;
  /** The transaction, for `escrow-status` in a process without a ledger. */
  readonly tid?: string | undefined;
  /** Whose order it is, in the merchant's own terms, for `authorize`. */
  readonly customerId?: string | undefined;
}

/** Which routes exist. A process that never cancels should not list `cancels`. */
export const routeGroups = [
  "cards",
  "card-prefix",
  "page",
  "orders",
  "billing-keys",
  "charges",
  "cancels",
  "escrow",
  "escrow-status",
  "notifications",
] as const;
export type RouteGroup = (typeof routeGroups)[number];

/** What somebody may want to do with an order: `approve` also covers the payment page and the card's issuer. */
export type OrderAction =
  | "approve"
  | "view"
  | "charge"
  | "cancel"
  | "confirm-purchase"
  | "reject-purchase"
  | "register-delivery"
  | "confirm-rejection";

/** What somebody wants to do with an order. */
export interface AuthorizeRequest<Context> {
  readonly action: OrderAction;
  readonly order: Order;
  /** For `charge`: the key that is to pay. It must be theirs as well. */
  readonly billingKey?: BillingKey | undefined;
  readonly context: Context;
}

/** What somebody may want to do with a billing key. */
export type BillingKeyAction = "issue-key" | "view-key" | "change-key" | "delete-key";

/** What somebody wants to do with a billing key. */
export interface AuthorizeBillingKeyRequest<Context> {
  readonly action: BillingKeyAction;
  /** Whose key it is; for `issue-key`, what `customerId` says of the caller. */
  readonly customerId: string;
  /** The key; there is none for `issue-key`. */
  readonly billingKey?: BillingKey | undefined;
  readonly context: Context;
}

/** Where the handler writes what operators must know; `console` and pino fit. Fields are named, and hold no card data. */
export interface Logger {
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/**
 * How many attempts without success there may be in a window before the next one is answered with 429. Each counts for
 * every one of them, in the ledger, over all processes. What succeeds, and what never reached the gateway, is taken back.
 * Lookups of issuers, links to the payment page and returns from it count all, and four times as many may be made. Charges
 * count by billing key and order alone.
 */
export interface RateLimits {
  /** Milliseconds from the first attempt, 600,000. */
  readonly windowMs?: number | undefined;
  /** From one address (of IPv6 its /64), 20: many buyers may share one. */
  readonly perAddress?: number | undefined;
  /** With one card, 5. The card is counted under an opaque digest. */
  readonly perCard?: number | undefined;
  /** By one customer, 5; needs `customerId`. */
  readonly perCustomer?: number | undefined;
  /** For one order, 5. */
  readonly perOrder?: number | undefined;
}

/**
 * How many notifications from sources that are not listed there may be in a window before the next one is not acknowledged,
 * so that it comes again. What came from `sources` is never limited, nor what `onNotification` takes.
 */
export interface NotificationLimits {
  /** Milliseconds from the first one, 3,600,000. */
  readonly windowMs?: number | undefined;
  /** About nothing that the ledger knows, from one address (of IPv6 its /64), 100. */
  readonly perAddress?: number | undefined;
  /** About nothing that the ledger knows, from everywhere, 1,000. */
  readonly inAll?: number | undefined;
  /** About one order that the ledger knows, 100: the gateway sends few of each, and nothing about another order counts. */
  readonly perOrder?: number | undefined;
}

/** What the handler and both adapters take. Which of it is needed depends on the groups; what is missing is named at the start. */
export interface PayApiHandlerOptions<Context = unknown, Native = unknown> {
  readonly payapi: PayApi;
  /**
   * Where payments are stored: a ledger from `openLedger`. Groups that move no money (`card-prefix`, `escrow-status`,
   * `notifications` with `onNotification`) need none.
   */
  readonly ledger?: PaymentLedger | undefined;
  /**
   * Where the merchant's orders are found. `context` is who asks; `undefined` when a buyer comes back from the payment page,
   * whom only the page's token names.
   */
  readonly orders?:
    | { find(orderId: string, context: Context | undefined): Promise<Order | undefined> }
    | undefined;
  /**
   * Whether this caller may do this. Only `true` allows; there is no default. An order that `orders` does not find is
   * answered with 404 and a forbidden one with 403: make order ids hard to guess, or let `orders` find only what the
   * caller may know of.
   */
  readonly authorize?: ((request: AuthorizeRequest<Context>) => boolean | Promise<boolean>) | undefined;
  /** Whether this caller may do this with a billing key. Only `true` allows; there is no default. */
  readonly authorizeBillingKey?:
    | ((request: AuthorizeBillingKeyRequest<Context>) => boolean | Promise<boolean>)
    | undefined;
  /** Who is asking, from cookies or (`native`) from what the framework knows, such as Express's `req.user`. */
  readonly context?: ((request: Request, native: Native) => Context | Promise<Context>) | undefined;
  /** The customer who is asking, if there is one: whose billing keys are issued, and whose attempts are counted. */
  readonly customerId?: ((context: Context) => string | undefined) | undefined;
  /**
   * Who is asking, for the timeline of what they cancel: the name of a member of the staff, say. `undefined` leaves no name,
   * as without this option.
   */
  readonly actor?: ((context: Context) => string | undefined) | undefined;
  /** The origin that buyers' browsers see, such as `https://shop.example`. Never taken from the request. */
  readonly publicOrigin: string;
  /** The path under which the routes live, such as `/payments`. */
  readonly basePath: string;
  /** Which routes exist. */
  readonly groups: readonly RouteGroup[];
  /**
   * The address a request came from. Express: the socket's, unless given. Next.js tells none, so behind your proxy read the
   * header which that proxy sets and no client can.
   */
  readonly clientAddress?: ((request: Request, native: Native) => string | undefined) | undefined;
  /**
   * The proxies in front, as addresses or CIDR blocks. Where `clientAddress` is one of them, X-Forwarded-For is read from the
   * right up to the first address that is not a proxy. Outside the sandbox blocks wider than /8 of IPv4 or /16 of IPv6 are refused: they
   * belong to many organisations, so strangers would count as proxies and choose their own address. `fc00::/7` and `fe80::/10`,
   * which are local, are accepted.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * Where notifications may come from, as addresses or CIDR blocks, or `"unlisted"` where the gateway did not say: then
   * one that would move money is quarantined for an operator, and `notificationLimits` keep strangers from filling the ledger.
   * In the sandbox this machine, unless given.
   *
   * Outside the sandbox some entries are refused when the handler is created, since with them a stranger's notification would
   * count as the gateway's and could mark orders as paid:
   * - blocks wider than /8 of IPv4 or /16 of IPv6: the largest that registries give to one organisation, so anything wider
   *   belongs to strangers too. Narrower blocks are yours to judge: list single addresses where you can;
   * - loopback, private, link-local, unique local, unspecified, multicast and reserved addresses, and blocks that contain some,
   *   also as IPv4-mapped IPv6 (`::ffff:127.0.0.1`). The gateway never sends from there, but a proxy of yours does: without
   *   `trustedProxies` every request that it forwards comes from its address.
   */
  readonly sources?: readonly string[] | "unlisted" | undefined;
  /** Takes notifications in place of the ledger. It is acknowledged once this resolves, so make it durable first. */
  readonly onNotification?: ((received: ReceivedNotification) => Promise<unknown>) | undefined;
  /**
   * An unguessable text of 16 to 64 letters, digits, `_` or `-` that ends the paths of the notifications whose address is
   * registered with the gateway (deposit and escrow). Buyers see the address for the payment page's, so that one has none.
   */
  readonly notificationKey?: string | undefined;
  /** How the gateway writes notifications of each kind; `euc-kr` unless agreed otherwise. */
  readonly notificationCharsets?: Readonly<
    Partial<Record<"mobile" | "deposit" | "escrow", "euc-kr" | "utf-8">>
  >;
  /** How escrow notifications are answered; see `acknowledge`. */
  readonly escrowAcknowledgement?: "cd_rslt" | "ok" | undefined;
  /** Where the payment page's links send notifications, where another process takes them. */
  readonly notificationUrl?: string | undefined;
  /** The path of the shop's own to which a buyer comes back from the payment page, such as `/orders/42`. */
  readonly returnTo?: ((orderId: string) => string) | undefined;
  /** Limits against trying out stolen cards; `false` only where something in front of the shop does it. */
  readonly rateLimits?: RateLimits | false | undefined;
  /** Limits against strangers who fill the ledger with notifications, where `sources` are `"unlisted"`; `false` for none. */
  readonly notificationLimits?: NotificationLimits | false | undefined;
  /** By default `console`. */
  readonly logger?: Logger | undefined;
}
