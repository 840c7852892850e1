import type { PayApi } from "../client.js";
import type { Logger } from "../log/log.js";
import type { PageEnd } from "../payment-page/page-end.js";
import type { PayableOrder } from "../payments/authorize.js";
import type { BillingKey, PaymentLedger } from "../store/index.js";

/** The merchant's order. The handler charges its `price`; browsers never send an amount to charge. */
export interface Order extends PayableOrder {
  /**
   * The amount to charge, in won. If it changes while a virtual account awaits its deposit, a deposit of the old price still pays
   * the order: create a new order instead, or compare `price` of the ledger's order before you ship.
   */
  readonly price: number;
  /** The kind of goods, for mobile phone payments on the payment page. */
  readonly hppMethod?: "digital-content" | "physical-goods" | undefined;
  /** Whether the payment page uses escrow. */
  readonly escrow?: boolean | undefined;
  /** The customer who owns the order, as the merchant names it, for `authorize`. */
  readonly customerId?: string | undefined;
}

/** An order as `orders.find` may return it: drivers return the price of a bigint column as text such as `"15000"`, or as a bigint. */
export type FoundOrder = Omit<Order, "price"> & { readonly price: number | bigint | string };

/** A group of routes. A process that never cancels should not list `cancels`. */
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

/** An action on an order. `approve` also covers the payment page and the lookup of a card's issuer. */
export type OrderAction =
  | "approve"
  | "view"
  | "charge"
  | "cancel"
  | "confirm-purchase"
  | "reject-purchase"
  | "register-delivery"
  | "confirm-rejection";

/** A question to `authorize`: may this caller do this with the order? */
export interface AuthorizeRequest<Context> {
  readonly action: OrderAction;
  readonly order: Order;
  /** The billing key to charge, for `charge`. Check that it belongs to the caller too. */
  readonly billingKey?: BillingKey | undefined;
  readonly context: Context;
}

/** An action on a billing key. */
export type BillingKeyAction = "issue-key" | "view-key" | "change-key" | "delete-key";

/** A question to `authorizeBillingKey`: may this caller do this with the billing key? */
export interface AuthorizeBillingKeyRequest<Context> {
  readonly action: BillingKeyAction;
  /** The customer who owns the key; for `issue-key`, the result of the option `customerId`. */
  readonly customerId: string;
  /** The key; `undefined` for `issue-key`. */
  readonly billingKey?: BillingKey | undefined;
  readonly context: Context;
}

/**
 * Limits of attempts without success in a window; the handler answers the next attempt with 429. Each attempt increments every
 * counter, in the ledger, across all processes. Attempts that succeed or never reach the gateway are released. Issuer lookups,
 * payment links and returns are counted also if they succeed, and their limits are four times as high. Charges are counted only
 * by billing key and order.
 */
export interface RateLimits {
  /** Milliseconds from the first attempt (default: 600_000). */
  readonly windowMs?: number | undefined;
  /** Attempts from one address, of IPv6 its /64 (default: 20, since many buyers may share an address). */
  readonly perAddress?: number | undefined;
  /** Attempts with one card, which is counted by a keyed digest (default: 5). */
  readonly perCard?: number | undefined;
  /** Attempts of one customer; needs the option `customerId` (default: 5). */
  readonly perCustomer?: number | undefined;
  /** Attempts for one order (default: 5). */
  readonly perOrder?: number | undefined;
}

/**
 * Limits of notifications from unlisted sources in a window. The handler does not acknowledge the next one, so the gateway repeats
 * it. Notifications from `sources` are not limited.
 */
export interface NotificationLimits {
  /** Milliseconds from the first notification (default: 3_600_000). */
  readonly windowMs?: number | undefined;
  /** Notifications about unknown payments from one address, of IPv6 its /64 (default: 100). */
  readonly perAddress?: number | undefined;
  /** Notifications about unknown payments from all addresses together (default: 1_000). */
  readonly inAll?: number | undefined;
  /** Notifications about one known order (default: 100; the gateway sends only a few). */
  readonly perOrder?: number | undefined;
}

/** The options of the handler and both adapters. The listed groups decide which are required; creating the handler names the missing ones. */
export interface PayApiHandlerOptions<Context = unknown, Native = unknown> {
  readonly payapi: PayApi;
  /** The ledger that stores payments, from `openLedger`. */
  readonly ledger: PaymentLedger;
  /**
   * Finds the merchant's orders. `context` is the result of the option `context`; it is `undefined` when a buyer returns from the
   * payment page, where only the link's token identifies the order.
   */
  readonly orders?:
    | { find(orderId: string, context: Context | undefined): Promise<FoundOrder | undefined> }
    | undefined;
  /**
   * Decides whether the caller may do this. Only `true` allows; there is no default. The handler answers 404 if `orders` does not
   * find the order and 403 if it is forbidden. To hide which orders exist, make order ids hard to guess, or let `orders.find`
   * return only the caller's orders.
   */
  readonly authorize?: ((request: AuthorizeRequest<Context>) => boolean | Promise<boolean>) | undefined;
  /** Decides whether the caller may do this with a billing key. Only `true` allows; there is no default. */
  readonly authorizeBillingKey?:
    | ((request: AuthorizeBillingKeyRequest<Context>) => boolean | Promise<boolean>)
    | undefined;
  /** Returns who sends the request, from cookies or from the framework's own request (`native`), such as Express's `req.user`. */
  readonly context?: ((request: Request, native: Native) => Context | Promise<Context>) | undefined;
  /** Returns the caller's customer id, if known: the owner of issued billing keys, and the customer whose attempts are counted. */
  readonly customerId?: ((context: Context) => string | undefined) | undefined;
  /**
   * Returns the name that the timeline shows for cancels, such as that of a staff member (default: no name).
   */
  readonly actor?: ((context: Context) => string | undefined) | undefined;
  /**
   * The shop's address in buyers' browsers, such as `https://shop.example`. It is never read from the request. Add the path that a
   * proxy removes before the request reaches this server, or the `basePath` of next.config: `https://shop.example/shop`. Every
   * address that leaves the shop begins with it: those of the payment page's return and notifications, and `returnTo`.
   */
  readonly publicUrl: string;
  /** The path of the routes below `publicUrl`, as this server sees it, such as `/payments`. */
  readonly basePath: string;
  /** The groups of routes to serve. */
  readonly groups: readonly RouteGroup[];
  /**
   * Returns the client's address (default in Express: the socket's). Next.js does not provide it, so read the header that your proxy
   * sets and clients cannot set.
   */
  readonly clientAddress?: ((request: Request, native: Native) => string | undefined) | undefined;
  /**
   * Your proxies, as addresses or CIDR blocks. If `clientAddress` returns one of them, the handler reads X-Forwarded-For from the right
   * up to the first address that is not a proxy. Outside the sandbox, blocks wider than /8 of IPv4 or /16 of IPv6 are rejected: they
   * belong to many organisations, so strangers would count as proxies and could choose their own address. The local blocks
   * `fc00::/7` and `fe80::/10` are accepted.
   */
  readonly trustedProxies?: readonly string[] | undefined;
  /**
   * The addresses or CIDR blocks that may send notifications, or `"unlisted"` if the gateway does not name them. With
   * `"unlisted"`, a notification that would move money is quarantined for an operator, and `notificationLimits` prevent strangers
   * from filling the ledger (default in the sandbox: this machine; required elsewhere).
   *
   * Outside the sandbox some entries are rejected, since a stranger's notification would count as the gateway's and could mark
   * orders as paid:
   * - blocks wider than /8 of IPv4 or /16 of IPv6, the largest that registries assign to one organisation. List single addresses
   *   if you can;
   * - loopback, private, link-local, unique local, unspecified, multicast and reserved addresses, and blocks that contain any, also
   *   as IPv4-mapped IPv6 (`::ffff:127.0.0.1`). The gateway never sends from them, but your proxy does: without `trustedProxies`,
   *   every forwarded request has the proxy's address.
   */
  readonly sources?: readonly string[] | "unlisted" | undefined;
  /**
   * An unguessable text of 16 to 64 letters, digits, `_` or `-`, the last part of the notification paths that you register with the
   * gateway (deposit and escrow). The path for the payment page's notifications has no key, since buyers can see it.
   */
  readonly notificationKey?: string | undefined;
  /** The charset of each kind of notification (default: `euc-kr`). */
  readonly notificationCharsets?: Readonly<
    Partial<Record<"mobile" | "deposit" | "escrow", "euc-kr" | "utf-8">>
  >;
  /** The answer to escrow notifications; see `acknowledge` (default: `cd_rslt`). */
  readonly escrowAcknowledgement?: "cd_rslt" | "ok" | undefined;
  /** The full URL to which payment links send notifications, if another process receives them. */
  readonly notificationUrl?: string | undefined;
  /**
   * Returns where buyers return to from the payment page: a path below `publicUrl`, such as `/orders/42`, or a full URL of the same
   * origin.
   *
   * A buyer may come back without the session: its cookie is `SameSite=Strict`, or the return opened in another browser. With
   * `ticket`, which is valid for 15 minutes, a page may still read this order's payment status, and nothing else:
   * `getOrder(orderId, { ticket })` of `@payapi/core/browser`. It is missing unless this is the link's first return.
   *
   * `reason` says why this return paid nothing, also only at the first return. `pageEndTexts` of `@payapi/core/browser` has a
   * sentence for each. It comes through the buyer's browser and proves nothing: the order's status says whether it is paid.
   */
  readonly returnTo?:
    | ((orderId: string, ticket: string | undefined, reason: PageEnd | undefined) => string)
    | undefined;
  /**
   * `true` sends buyers back from the payment page to one constant address, `<basePath>/page-return`, with the link's token in P_NOTI. Use
   * it if the gateway accepts only a registered P_NEXT_URL and answers `01` to others (default: a path of its own for each link).
   */
  readonly constantNextUrl?: boolean | undefined;
  /**
   * The payment methods that the payment page offers, by the gateway's names (default: `card`, `bank`, `vbank` and `hpp`). Links for
   * other methods are refused before anything is stored or sent. List those of your contract.
   */
  readonly methods?: readonly string[] | undefined;
  /** Limits against card testing. Use `false` only if another system in front of the shop limits attempts. */
  readonly rateLimits?: RateLimits | false | undefined;
  /** Limits of notifications with `sources: "unlisted"`, so that strangers cannot fill the ledger; `false` turns them off. */
  readonly notificationLimits?: NotificationLimits | false | undefined;
  /** Writes the log (default: to the console). docs/guides/logs.md lists every entry. */
  readonly logger?: Logger | undefined;
}
