import type { BillingKey, CallOutcome, NotificationReceipt, OrderPayment } from "@payapi/core";
import type { NotificationKind } from "@payapi/core/notifications";
import type { NotificationReason } from "./notification-rows.js";

/** What happens to an order's payment that a shop may want to act on. */
export const orderEventKinds = [
  /**
   * The order is paid, by whatever way the ledger learnt it. Not told while a net cancel is open that may still give it back:
   * then when that one has ended without.
   */
  "approved",
  /** As `approved`, by a deposit into a virtual account. */
  "deposited",
  /** The gateway refused; the buyer may try again. */
  "declined",
  /**
   * The gateway refused the shop's set-up (sign key, field key, mid, order number) or its request, and no card: nothing moved, and the
   * next buyer's call will fail too. `reason` is `setup-fault` or `request-rejected`. For an approval it stands in place of `declined`.
   */
  "setup-fault",
  /** Nobody knows whether money moved; the order is locked. */
  "unknown",
  /** Money may have moved otherwise than asked: for an operator, and nothing is to be delivered. */
  "needs-review",
  /** All of the payment went back to the buyer. */
  "cancelled",
  "partially-cancelled",
  /** Nobody knows whether a cancel gave anything back. */
  "cancel-unknown",
  /** An unknown approval of the payment page was undone; the buyer may pay anew. */
  "net-cancelled",
  /** A virtual account waits for a deposit. No money moved. */
  "account-issued",
  /** The bank took a deposit back; the order needs review. */
  "reversed",
  /** What was unknown or awaited turned out to have moved nothing. (What moved is told as `approved`, `cancelled` ...) */
  "settled",
] as const;
export type OrderEventKind = (typeof orderEventKinds)[number];

/** What happens to a billing key. */
export const keyEventKinds = ["key-issued", "key-changed", "key-deleted"] as const;
export type KeyEventKind = (typeof keyEventKinds)[number];

interface Delivered {
  /** The same at every delivery: remember it, and a second delivery does no harm. */
  readonly id: string;
  /** Rises with every event about the same order or key. */
  readonly position: number;
  readonly at: Date;
  /** How often it was tried, this time included. */
  readonly tries: number;
}

/** Something happened to an order's payment. */
export interface OrderEvent<Kind extends OrderEventKind = OrderEventKind> extends Delivered {
  readonly kind: Kind;
  readonly orderId: string;
  /** The approval or cancel it is about, as in the timeline. */
  readonly callId: string;
  /** Won that this is about. */
  readonly price?: number;
  readonly tid?: string;
  /** As in the timeline: who asked for a cancel or settled a call, `recovery`, or `notification`. */
  readonly actor?: string;
  readonly outcome?: CallOutcome["outcome"];
  /** Why it needs review, where there is more to say than the order's timeline. */
  readonly reason?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /** The order as it was then. What it is now, `findOrder` says. */
  readonly order: OrderPayment;
}

/** A listed source told that an escrow purchase moved on. Ask `escrow.getStatus` before you act. */
export interface EscrowEvent extends Delivered {
  readonly kind: "escrow";
  readonly orderId: string;
  /** As core's `EscrowNotificationStatus`. */
  readonly status: string;
  readonly effect: NotificationReceipt["effect"];
  readonly tid: string;
  /** Won it names. */
  readonly price?: number;
  /** `undefined` if the order was not paid through the ledger. */
  readonly order?: OrderPayment;
}

/**
 * The gateway notified from a listed source of something that was not applied, and an operator has to look at it:
 * `notifications()` lists it in full. Where it names money that contradicts an attempt of the order, that order's `needs-review`
 * tells of it instead.
 */
export interface NotificationEvent extends Delivered {
  readonly kind: "notification-needs-review";
  /** Its id in `notifications()`. */
  readonly notificationId: string;
  /** What it came as. */
  readonly notificationKind: NotificationKind;
  /** `quarantined`: nothing is believed of it yet. `mismatch`: it does not fit what is known. */
  readonly effect: "quarantined" | "mismatch";
  readonly reason: NotificationReason;
  /** `undefined` if it fits no order here. */
  readonly orderId?: string;
  /** Won it names. */
  readonly price?: number;
}

/** Something happened to a billing key. */
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
};

export type LedgerEvent = LedgerEvents[keyof LedgerEvents];

/** What a handler is given beside its event. */
export interface HandlerContext {
  /**
   * Aborted when nobody waits for the handler any more: its time is over (`handlerTimeoutMs`), or its process was silent for so
   * long that another has taken the event. Not when the worker stops: `stop()` waits for the handler, and an end in the middle
   * of its work would be no better than a crash.
   */
  readonly signal: AbortSignal;
}

/**
 * What to do about each kind of event. When a handler throws, rejects or takes too long, the event comes again; kinds without a
 * handler are passed over.
 */
export type EventHandlers = {
  readonly [Kind in keyof LedgerEvents]?: (
    event: LedgerEvents[Kind],
    context: HandlerContext,
  ) => void | Promise<void>;
};

/** An event as it is kept. */
interface KeptEvent {
  readonly id: string;
  readonly position: number;
  readonly at: Date;
  readonly kind: string;
  /** Its own fields, as JSON. */
  readonly data: string;
}

/** The event as consumers see it. */
export function readEvent(row: KeptEvent, tries: number): LedgerEvent {
  const { id, position, at, kind } = row;
  const { order, ...data } = JSON.parse(row.data) as { readonly order?: StoredOrder };
  return {
    ...data,
    ...(order === undefined ? {} : { order: readOrder(order) }),
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

/** JSON knows no moments. */
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
