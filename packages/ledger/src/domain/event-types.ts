import type { BillingKey, CallOutcome, Environment, NotificationReceipt, OrderPayment } from "@payapi/core";
import type { NotificationKind } from "@payapi/core/notifications";
import type { NotificationReason } from "./notification-rows.js";

/** The kinds of events about an order's payment. */
export const orderEventKinds = [
  /**
   * The order is paid. While an open net cancel may still refund the payment, the event waits until that cancel has ended without
   * moving money.
   */
  "approved",
  /** The order is paid by a deposit to a virtual account. */
  "deposited",
  /** The gateway refused; the buyer may try again. */
  "declined",
  /**
   * The gateway refused the shop's set-up (sign key, field key, mid, order number) or its request, and no card: nothing moved, and the
   * next buyer's call will fail too. `reason` is `setup-fault` or `request-rejected`. For an approval it stands in place of `declined`.
   */
  "setup-fault",
  /** It is unknown whether money moved; the order is locked. */
  "unknown",
  /** Money may have moved, but not as requested: ship nothing, an operator reviews the order. */
  "needs-review",
  /** The payment was refunded in full. */
  "cancelled",
  "partially-cancelled",
  /** It is unknown whether a cancel refunded the money. */
  "cancel-unknown",
  /** A net cancel undid an unknown approval of the payment page; the buyer may pay again. */
  "net-cancelled",
  /** A virtual account waits for a deposit. No money moved. */
  "account-issued",
  /** The bank reversed a deposit; the order needs review. */
  "reversed",
  /** An unknown call or an awaited deposit moved no money. (If money moved, the event is `approved`, `cancelled` and so on.) */
  "settled",
  /**
   * An operator corrected an earlier resolution: a payment or a refund of which an event was delivered did not happen, or has another `tid`.
   * `order` has what is true now. (If money moved after all, the event is `approved`, `cancelled` and so on.)
   */
  "corrected",
] as const;
export type OrderEventKind = (typeof orderEventKinds)[number];

/** The kinds of events about a billing key. */
export const keyEventKinds = ["key-issued", "key-changed", "key-deleted"] as const;
export type KeyEventKind = (typeof keyEventKinds)[number];

interface Delivered {
  /** The same at every delivery. Store it with your work to detect a second delivery. */
  readonly id: string;
  /** Only `production` moves real money: count and ship nothing else as sales. */
  readonly environment: Environment;
  /** Increases with every event about the same order or key. */
  readonly position: number;
  readonly at: Date;
  /** The number of deliveries, including this one. */
  readonly tries: number;
}

/** An event about an order's payment. */
export interface OrderEvent<Kind extends OrderEventKind = OrderEventKind> extends Delivered {
  readonly kind: Kind;
  readonly orderId: string;
  /** The approval or cancel it is about, as in the timeline. */
  readonly callId: string;
  /** The amount, in won. */
  readonly price?: number;
  readonly tid?: string;
  /** As in the timeline: who requested a cancel or resolved a call, `recovery`, or `notification`. */
  readonly actor?: string;
  readonly outcome?: CallOutcome["outcome"];
  /** Why the order needs review, if the timeline does not show it. */
  readonly reason?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /** The order at the time of the event. `findOrder` returns its current state. */
  readonly order: OrderPayment;
}

/** A listed source reported a change of an escrow purchase. Call `escrow.getStatus` before you act. */
export interface EscrowEvent extends Delivered {
  readonly kind: "escrow";
  readonly orderId: string;
  /** A code of core's `EscrowNotificationStatus`. */
  readonly status: string;
  readonly effect: NotificationReceipt["effect"];
  readonly tid: string;
  /** The amount in the notification, in won. */
  readonly price?: number;
  /** `undefined` if the order was not paid through the ledger. */
  readonly order?: OrderPayment;
}

/**
 * A notification from a listed source was not applied, and an operator has to review it: `notifications.list()` has all its fields. If
 * its money contradicts an attempt of an order, that order's `needs-review` event reports it instead.
 */
export interface NotificationEvent extends Delivered {
  readonly kind: "notification-needs-review";
  /** Its id in `notifications.list()`. */
  readonly notificationId: string;
  /** The kind of notification. */
  readonly notificationKind: NotificationKind;
  /** `quarantined`: it changes nothing until an operator releases it. `mismatch`: it contradicts the ledger. */
  readonly effect: "quarantined" | "mismatch";
  readonly reason: NotificationReason;
  /** `undefined` if it matches no order. */
  readonly orderId?: string;
  /** The amount in the notification, in won. */
  readonly price?: number;
}

/**
 * The database was restored, or another server took over: nothing is sold until an operator accepts it. Written once for each such database, by
 * the worker or when a ledger opens.
 */
export interface DatabaseEvent extends Delivered {
  readonly kind: "database-changed";
  /** The database, as `operations.database()` names it. */
  readonly seen: string;
}

/** An event about a billing key. */
export interface KeyEvent<Kind extends KeyEventKind = KeyEventKind> extends Delivered {
  readonly kind: Kind;
  /** The key's id. */
  readonly keyId: string;
  readonly customerId: string;
  readonly keyKind: BillingKey["kind"];
}

/** Every event by its kind. */
export type LedgerEvents = { readonly [Kind in OrderEventKind]: OrderEvent<Kind> } & {
  readonly [Kind in KeyEventKind]: KeyEvent<Kind>;
} & {
  readonly escrow: EscrowEvent;
  readonly "notification-needs-review": NotificationEvent;
  readonly "database-changed": DatabaseEvent;
};

export type LedgerEvent = LedgerEvents[keyof LedgerEvents];

/** The second argument of a handler. */
export interface HandlerContext {
  /**
   * Aborted when the handler exceeds `handlerTimeoutMs`, or when its process was silent for so long that another process took the
   * event. `stop()` does not abort it, but waits for the handler.
   */
  readonly signal: AbortSignal;
}

/**
 * A handler for each kind of event. If a handler throws, rejects or takes too long, the event is delivered again. Kinds without a
 * handler are skipped.
 */
export type EventHandlers = {
  readonly [Kind in keyof LedgerEvents]?: (
    event: LedgerEvents[Kind],
    context: HandlerContext,
  ) => void | Promise<void>;
};

/** An event as it is stored. */
interface KeptEvent {
  readonly id: string;
  readonly position: number;
  readonly at: Date;
  readonly kind: string;
  /** Its own fields, as JSON. */
  readonly data: string;
}

/** Returns the event in the form that consumers receive. */
export function readEvent(environment: Environment, row: KeptEvent, tries: number): LedgerEvent {
  const { id, position, at, kind } = row;
  const { order, ...data } = JSON.parse(row.data) as { readonly order?: StoredOrder };
  return {
    ...data,
    ...(order === undefined ? {} : { order: readOrder(order) }),
    environment,
    id,
    position,
    at,
    kind,
    tries,
  } as LedgerEvent;
}

type StoredAccount = Omit<NonNullable<OrderPayment["account"]>, "dueAt"> & { readonly dueAt?: string };
type StoredOrder = Omit<OrderPayment, "approvedAt" | "account"> & {
  readonly approvedAt?: string;
  readonly account?: StoredAccount;
};

/** JSON has no dates. */
function readOrder({ approvedAt, account, ...order }: StoredOrder): OrderPayment {
  return {
    ...order,
    ...(approvedAt === undefined ? {} : { approvedAt: new Date(approvedAt) }),
    ...(account === undefined ? {} : { account: readAccount(account) }),
  };
}

function readAccount({ dueAt, ...account }: StoredAccount): NonNullable<OrderPayment["account"]> {
  return { ...account, ...(dueAt === undefined ? {} : { dueAt: new Date(dueAt) }) };
}
