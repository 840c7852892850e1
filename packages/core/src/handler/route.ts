import type { PayApi } from "../client.js";
import type { Charset } from "../notifications/form.js";
import type { Notification, NotificationKind } from "../notifications/notification.js";
import type { Payments } from "../payments/create-payments.js";
import type { BillingKey, FullPaymentStore, ReceivedNotification } from "../store/index.js";
import type { BodyField } from "./body-fields.js";
import type { Answers } from "./messages.js";
import type { BillingKeyAction, Logger, Order, OrderAction, RouteGroup } from "./options.js";

/** What every route works with. Which of it is there was checked against the groups at the start. */
export interface Services {
  readonly payapi: PayApi;
  /** The use cases that move money or issue keys. */
  readonly payments: Payments;
  readonly ledger: FullPaymentStore;
  /** Whether there is a ledger at all: some routes do without. */
  readonly hasLedger: boolean;
  /** The ledger's, or what the merchant takes notifications with instead. */
  readonly receiveNotification: (received: ReceivedNotification) => Promise<unknown>;
  /** Counts a notification from a source that is not listed, and says whether it is still to be stored. */
  readonly mayStore: (notification: Notification, source: ReceivedNotification["source"]) => Promise<boolean>;
  readonly findOrder: (orderId: string) => Promise<Order | undefined>;
  readonly returnTo: (orderId: string) => string;
  /** Where the routes are, as the gateway and browsers reach them: `publicOrigin` and `basePath`. */
  readonly baseUrl: string;
  /** Where links have notifications sent; `undefined` if nothing takes them. */
  readonly notificationUrl: string | undefined;
  readonly notificationCharsets: Readonly<Partial<Record<NotificationKind, Charset>>>;
  readonly escrowAcknowledgement: "cd_rslt" | "ok";
  readonly logger: Logger;
}

/** A request whose caller may make it. */
export interface Call {
  readonly services: Services;
  readonly body: Readonly<Record<string, unknown>>;
  /** Where the request came from. Fails the request where it cannot be told. */
  readonly clientAddress: () => string;
}

export interface OrderCall extends Call {
  readonly order: Order;
  /** For charges: the key that pays. */
  readonly billingKey: BillingKey | undefined;
  /** Who is asking, for the timeline. */
  readonly actor?: string;
}

export interface KeyCall extends Call {
  readonly billingKey: BillingKey;
}

export interface CustomerCall extends Call {
  readonly customerId: string;
}

/** What a buyer's browser brought back from the payment page; who it is does not matter and is not asked. */
export interface PageCall {
  readonly services: Services;
  readonly token: string;
  /** The form in the body, or the query. */
  readonly form: Uint8Array;
  /** Counts what an order's buyer wants done by a return, and says whether it is too much of it. */
  readonly isTooMuch: (orderId: string) => Promise<boolean>;
}

export interface GatewayCall {
  readonly services: Services;
  readonly form: Uint8Array;
  readonly source: ReceivedNotification["source"];
}

/** What a handler answers with: a JSON body, or for pages and the gateway a whole response. */
export interface JsonAnswer<Body extends object = object> {
  readonly status: number;
  readonly body: Body;
}

interface RouteFacts {
  readonly group: RouteGroup;
  readonly path: string;
  /** One sentence for the documentation. */
  readonly summary: string;
  /** What the ledger counts on this route: attempts without success, or all of them; links and charges not by address. */
  readonly counts?: "failures" | "all" | "links" | "charges";
  /** Reserves an approval: the counters and the Idempotency-Key are then written together with the reservation. */
  readonly reserves?: true;
}

interface BrowserRoute extends RouteFacts {
  /** What the documentation and the browser client call it. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly body: readonly BodyField[];
  /** The JSON of a successful answer. */
  readonly answer: keyof Answers;
  readonly success: 200 | 201;
}

/**
 * One endpoint as data. `:orderId`, `:keyId` and `:token` stand for one path segment. By `subject` it is told how a request
 * gets there: from the shop's own pages about an order, a billing key or an account; from the payment page through the
 * buyer's browser; from the gateway.
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

/** A route that the shop's own pages call. */
export type ShopRoute = Extract<Route, BrowserRoute>;
