import type { PayApi } from "../client.js";
import type { Charset } from "../notifications/form.js";
import type { Notification, NotificationKind } from "../notifications/notification.js";
import type { PageEnd } from "../payment-page/page-end.js";
import type { Payments } from "../payments/create-payments.js";
import type { BillingKey, FullPaymentStore, ReceivedNotification } from "../store/index.js";
import type { Timers } from "../timers.js";
import type { BodyField } from "./body-fields.js";
import type { HandlerLog } from "./log-lines.js";
import type { Answers } from "./messages.js";
import type { BillingKeyAction, Order, OrderAction, RouteGroup } from "./options.js";

/** The services of the routes. */
export interface Services {
  readonly payapi: PayApi;
  /** The calls that move money or issue keys. */
  readonly payments: Payments;
  readonly ledger: FullPaymentStore;
  /** Counts a notification from an unlisted source, and returns whether to store it. */
  readonly mayStore: (notification: Notification, source: ReceivedNotification["source"]) => Promise<boolean>;
  readonly findOrder: (orderId: string) => Promise<Order | undefined>;
  readonly returnTo: (orderId: string, ticket?: string, reason?: PageEnd) => string;
  /** The payment methods of links. */
  readonly methods: readonly string[];
  /** The public URL of the routes: `publicUrl` and `basePath`. */
  readonly baseUrl: string;
  /** Whether links lead back to one address, which finds the link by P_NOTI. */
  readonly constantNextUrl: boolean;
  /** Returns the URL to which links send notifications, if any; see {@link Call.slash}. */
  readonly notificationUrl: (slash: Call["slash"]) => string | undefined;
  readonly notificationCharsets: Readonly<Partial<Record<NotificationKind, Charset>>>;
  readonly escrowAcknowledgement: "cd_rslt" | "ok";
  /** The log of this request. */
  readonly logger: HandlerLog;
  readonly timers: Timers;
}

/** An authorized request. */
export interface Call {
  readonly services: Services;
  readonly body: Readonly<Record<string, unknown>>;
  /** The browser's User-Agent, which names its device. */
  readonly userAgent: string | undefined;
  /** Returns the client's address. Throws if it is unknown. */
  readonly clientAddress: () => string;
  /**
   * The end of the addresses that this server serves: a slash with `trailingSlash` of Next.js, as the request's own URL shows. The
   * gateway must get addresses with it, since its server may not follow the redirect of the other form.
   */
  readonly slash: "" | "/";
}

export interface OrderCall extends Call {
  readonly order: Order;
  /** The billing key to charge, for charges. */
  readonly billingKey: BillingKey | undefined;
  /** The caller's name, for the timeline. */
  readonly actor?: string;
}

export interface KeyCall extends Call {
  readonly billingKey: BillingKey;
}

export interface CustomerCall extends Call {
  readonly customerId: string;
}

/** A buyer's return from the payment page. It needs no authorization. */
export interface PageCall {
  readonly services: Services;
  readonly token: string;
  /** The form of the body, or the query. */
  readonly form: Uint8Array;
  /** Counts a return of an order's buyer, and returns whether the limit is exceeded. */
  readonly isTooMuch: (orderId: string) => Promise<boolean>;
}

export interface GatewayCall {
  readonly services: Services;
  readonly form: Uint8Array;
  readonly source: ReceivedNotification["source"];
}

/** The answer of a route: a JSON body, or a complete response for pages and the gateway. */
export interface JsonAnswer<Body extends object = object> {
  readonly status: number;
  readonly body: Body;
}

interface RouteFacts {
  readonly group: RouteGroup;
  readonly path: string;
  /** A sentence for the documentation. */
  readonly summary: string;
  /** The attempts that the rate limits count: those without success, or all. Links and charges are not counted by address. */
  readonly counts?: "failures" | "all" | "links" | "charges";
  /** Answers the holder of a return's ticket without `authorize`. */
  readonly takesTicket?: true;
  /** Reserves an approval: the counters and the Idempotency-Key are then written together with the reservation. */
  readonly reserves?: true;
}

interface BrowserRoute extends RouteFacts {
  /** The route's name in the documentation and the browser client. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly body: readonly BodyField[];
  /** The JSON of a successful answer. */
  readonly answer: keyof Answers;
  readonly success: 200 | 201;
}

/**
 * An endpoint as data. `:orderId`, `:keyId` and `:token` match one path segment. `subject` says where requests come from: from the
 * shop's own pages, about an order, a billing key or a customer; from the payment page, through the buyer's browser; from the gateway.
 */
export type Route =
  | (BrowserRoute & {
      readonly subject: "order";
      readonly action: OrderAction;
      run(call: OrderCall): Promise<JsonAnswer>;
    })
  | (BrowserRoute & {
      readonly subject: "billing-key";
      readonly action: BillingKeyAction;
      run(call: KeyCall): Promise<JsonAnswer>;
    })
  | (BrowserRoute & {
      readonly subject: "customer";
      readonly action: BillingKeyAction;
      run(call: CustomerCall): Promise<JsonAnswer>;
    })
  | (RouteFacts & {
      readonly subject: "page";
      readonly method: "GET" | "POST";
      run(call: PageCall): Promise<Response>;
    })
  | (RouteFacts & {
      readonly subject: "notification";
      readonly method: "POST";
      readonly kind: NotificationKind;
      run(call: GatewayCall): Promise<Response>;
    });

/** A buyer route: the shop's own pages call it. */
export type BuyerRoute = Extract<Route, BrowserRoute>;
