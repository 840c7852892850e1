import type { IdempotencyStore, RememberedRequest } from "./idempotency-store.js";
import type { CounterWindow, RateLimitRequest, RateLimitStore } from "./rate-limit-store.js";

/**
 * Stores payments. `@payapi/ledger` implements it; the use cases of `createPayments` call it.
 *
 * Every call that moves money goes through three steps: reserve (before anything is sent; refused when another
 * call could already have moved this money), mark as sending (after the connection is up, before the first
 * byte) and settle (with what the reply proves).
 */
export interface PaymentStore extends RateLimitStore, IdempotencyStore {
  /**
   * Reserves the order's only active approval. Exactly one of all concurrent callers gets `reserved`. An approved, unknown or
   * running approval refuses all others.
   */
  reserveApproval(request: ApprovalRequest): Promise<Reservation<ReservedApproval>>;
  /** Reserves the payment's only open cancel, and its amount. */
  reserveCancel(request: CancelRequest): Promise<Reservation<ReservedCancel>>;
  /**
   * Stores durably that the first byte may be sent now. Throws if the call must not be sent any more; with the code `not-yours` if
   * another process sent it or gave it up. Only that process may then settle it.
   */
  markSending(call: ReservedCall): Promise<void>;
  /**
   * Stores the call's outcome durably. Settling the same call again with the same outcome changes nothing. The store repeats
   * failed writes; if this rejects, the order stays locked.
   */
  settle(call: ReservedCall, outcome: CallOutcome): Promise<OrderPayment>;
  /** Returns an order's payment; `undefined` if no payment was tried. */
  findOrder(orderId: string): Promise<OrderPayment | undefined>;
}

/** A request to charge an order. */
export interface ApprovalRequest {
  /** The merchant's own order id. */
  readonly orderId: string;
  /** The amount in won, from the merchant's order. */
  readonly price: number;
  /** The gateway's name of the payment method, such as `card`. */
  readonly payType: string;
  /**
   * For a payment authenticated on the payment page: the link's order number, which the approval uses, and the P_TID. A P_TID that
   * any attempt had before is refused with `tid-used`.
   */
  readonly page?: { readonly oid: string; readonly tid: string };
  /**
   * What is written together with the reservation, all or nothing. It rejects, and nothing is written, with the code `rate-limited` (and
   * `retryAfterMs`) where a counter is full, and with `request-known` where the request was begun before.
   */
  readonly along?: {
    /** Counts an attempt. It is released when the call is settled as succeeded, not sent, or refused with the code `setup-fault`. */
    readonly rateLimit?: RateLimitRequest;
    /** Begins a request that carries an Idempotency-Key. */
    readonly request?: RememberedRequest;
  };
}

/** A request to cancel a payment. */
export interface CancelRequest {
  readonly orderId: string;
  /**
   * Cancels `cancelPrice` won, so that `confirmPrice` won remain (default: all that remains). Refused if another amount would
   * remain, so that a repeated click cannot cancel twice.
   */
  readonly part?: { readonly cancelPrice: number; readonly confirmPrice: number };
  /** The name of the person who cancels, for the timeline. */
  readonly actor?: string;
  /**
   * Undoes an approval of the payment page whose outcome is unknown, by its P_TID. If the net cancel succeeds, the order is
   * `net-cancelled`; otherwise it stays unknown. Refused with `not-paid` without such an approval, and with `outcome-unknown`
   * while the outcome of an earlier net cancel is unknown.
   */
  readonly netCancel?: true;
  /**
   * The seller accepts the rejection of an escrow purchase, which refunds all that remains to the buyer. The call's operation is
   * then `escrow.confirmRejection`.
   */
  readonly escrow?: true;
}

/** A reserved call; it may be sent once. */
export type ReservedCall = ReservedApproval | ReservedCancel;

/** A reserved approval. */
export interface ReservedApproval {
  readonly kind: "approval";
  /** The store's own id for this call. */
  readonly id: string;
  readonly orderId: string;
  /** The order number for the gateway: new for each attempt, and never used again. */
  readonly oid: string;
  readonly price: number;
  /** The gateway's name of the payment method. */
  readonly payType?: string;
  /** Where the attempt was counted, if a rate limit came along. */
  readonly counted?: readonly CounterWindow[];
}

/** A reserved cancel, with the amounts to send. */
export interface ReservedCancel {
  readonly kind: "cancel";
  /** The store's own id for this call. */
  readonly id: string;
  readonly orderId: string;
  readonly operation: "payments.cancel" | "payments.cancelPartially" | "escrow.confirmRejection";
  /** The order number of the payment: a reply that names another one cancelled another order's payment. */
  readonly oid: string;
  readonly payType: string;
  /** The transaction to cancel. */
  readonly tid: string;
  /** The amount that this call cancels, in won. */
  readonly cancelPrice: number;
  /** The amount that remains after it, in won. */
  readonly confirmPrice: number;
  /** A net cancel of an approval of the payment page whose outcome is unknown; `tid` is its P_TID. */
  readonly netCancel?: true;
  /**
   * An operator entered `tid`, and nothing has confirmed it. It may be another system's payment, so a success counts as `moved` unless its reply
   * names this order or, to a partial cancel, the amount that remains.
   */
  readonly tidIsStated?: true;
}

/** A reserved call, or the reason why the call is refused. */
export type Reservation<Call extends ReservedCall> =
  | { readonly status: "reserved"; readonly call: Call }
  | { readonly status: "refused"; readonly reason: RefusedReason; readonly order: OrderPayment | undefined };

/** The reason why a call is refused. */
export type RefusedReason =
  /** Another call for this order is running. */
  | "in-progress"
  /** The order is already paid. */
  | "already-paid"
  /** No amount remains to cancel, or the order to charge was cancelled. */
  | "already-cancelled"
  /** The outcome of an earlier call is unknown; the order is locked until it is resolved. */
  | "outcome-unknown"
  /** The order needs review by an operator. */
  | "needs-review"
  /** The order has no payment to cancel. */
  | "not-paid"
  /** The request exceeds the remaining amount, or another amount would remain than the caller expects. */
  | "remaining-differs"
  /** The gateway said at the approval that the payment can't be cancelled in part. */
  | "not-partly-cancellable"
  /** The payment page's transaction was already used. */
  | "tid-used";

/** The outcome of a call. The four failures are those of `PayApiError.outcome`. */
export type CallOutcome = {
  readonly outcome: "succeeded" | "refused" | "not-sent" | "unknown" | "moved";
  /** The reason of the failure: a `PayApiError.code`. */
  readonly code?: string;
  readonly resultCode?: string;
  /** The gateway's message, with card numbers masked. */
  readonly resultMessage?: string;
  /** The transaction id in the reply. */
  readonly tid?: string;
  /** The amount in the reply, in won. */
  readonly price?: number;
  /** The remaining amount in the reply to a partial cancel, in won. */
  readonly remainingPrice?: number;
  /** The approval number. */
  readonly applNum?: string;
  /** The payment method that was used, if the reply names it; cancels need it. */
  readonly payType?: string;
  /** Whether the payment can be cancelled in part, if the reply says so. */
  readonly partlyCancellable?: boolean;
  /** The transaction id of a partial cancel. */
  readonly cancelTid?: string;
  /** The time of the call, from the gateway's reply. */
  readonly at?: Date;
};

/** The payment status of an order. */
export type OrderStatus =
  /** A call is running. */
  | "in-progress"
  /** Paid, without cancels. */
  | "paid"
  | "partially-cancelled"
  | "cancelled"
  /** The gateway refused; the buyer may try again. */
  | "declined"
  /** The last attempt was not sent; the buyer may try again. */
  | "not-sent"
  /** A net cancel undid the last attempt, whose outcome was unknown; the buyer may try again. */
  | "net-cancelled"
  /** A virtual account awaits the buyer's deposit; the order may also be paid by other means. */
  | "awaiting-deposit"
  /** It is not known whether money moved; the order is locked until the outcome is resolved. */
  | "unknown"
  /** Money moved, but not as requested; the order is locked and needs review. */
  | "needs-review";

/** An order's payment. */
export interface OrderPayment {
  readonly orderId: string;
  readonly status: OrderStatus;
  /** The requested amount, in won. */
  readonly price: number;
  /** The paid amount that is not cancelled, as far as known, in won. */
  readonly remainingPrice: number;
  /** The newest cancel, if any. */
  readonly cancel?: {
    readonly status: "in-progress" | "done" | "refused" | "not-sent" | "unknown" | "needs-review";
    readonly cancelPrice: number;
    /** Why it failed: a `PayApiError.code`. */
    readonly failureCode?: string;
    readonly resultCode?: string;
    readonly resultMessage?: string;
  };
  /** Whether the payment can be cancelled in part, if the gateway said so. Some cards allow only a cancel in full. */
  readonly partlyCancellable?: boolean;
  /** The gateway's name of the payment method of the attempt that counts: the one that was used, once the gateway named it. */
  readonly payType?: string;
  /** The gateway's order number of the attempt that counts. */
  readonly oid?: string;
  readonly tid?: string;
  readonly applNum?: string;
  readonly approvedAt?: Date;
  /** The virtual account of an order that is `awaiting-deposit`. */
  readonly account?: {
    readonly number: string;
    readonly bankCode?: string;
    readonly holder?: string;
    readonly dueAt?: Date;
  };
  /** Why the attempt that counts failed: a `PayApiError.code`. */
  readonly failureCode?: string;
  /** The gateway's answer to the newest approval. */
  readonly resultCode?: string;
  readonly resultMessage?: string;
}
