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
   * Reserves the one live approval an order may have. Of any number of concurrent callers, exactly one gets
   * `reserved`; an approved, unknown or still running approval refuses all others.
   */
  reserveApproval(request: ApprovalRequest): Promise<Reservation<ReservedApproval>>;
  /** Reserves the one open cancel a payment may have, together with the amount it takes. */
  reserveCancel(request: CancelRequest): Promise<Reservation<ReservedCancel>>;
  /**
   * Makes durable that the first byte may leave now. Throws if the call may not be sent any more; with the code
   * `not-yours` if somebody else sent it or gave it up, who alone may settle it then.
   */
  markSending(call: ReservedCall): Promise<void>;
  /**
   * Makes durable what is known after the call. Settling the same call again with the same outcome changes nothing. The
   * store itself repeats a write that failed for as long as is sensible: when this rejects, the order stays locked.
   */
  settle(call: ReservedCall, outcome: CallOutcome): Promise<OrderPayment>;
  /** What is known about an order's payment; `undefined` if no payment was ever tried. */
  findOrder(orderId: string): Promise<OrderPayment | undefined>;
}

/** One wish to charge an order. */
export interface ApprovalRequest {
  /** The merchant's own order id. */
  readonly orderId: string;
  /** Won, from the merchant's order. */
  readonly price: number;
  /** The gateway's word for the payment method, such as `card`. */
  readonly payType: string;
  /**
   * For a payment authenticated on the payment page: the link's order number, which the approval then has, and the P_TID,
   * which is refused with `tid-used` if any attempt ever had it.
   */
  readonly page?: { readonly oid: string; readonly tid: string };
  /**
   * What is written together with the reservation, all or nothing. It rejects, and nothing is written, with the code `rate-limited` (and
   * `retryAfterMs`) where a counter is full, and with `request-known` where the request was begun before.
   */
  readonly along?: {
    /** Counts an attempt. It is released when the call is settled as succeeded or not sent. */
    readonly rateLimit?: RateLimitRequest;
    /** Begins a request that carries an Idempotency-Key. */
    readonly request?: RememberedRequest;
  };
}

/** One wish to give money back. */
export interface CancelRequest {
  readonly orderId: string;
  /**
   * Left out: everything that remains. Given: `cancelPrice` won now, so that `confirmPrice` won remain after it;
   * refused if another amount would remain, so that a repeated click cannot cancel twice.
   */
  readonly part?: { readonly cancelPrice: number; readonly confirmPrice: number };
  /** Who asked for it, for the timeline. */
  readonly actor?: string;
  /**
   * Cancels an approval of the payment page whose outcome is unknown, by the P_TID it was made with. When that succeeds the
   * order is `net-cancelled`; when not, it stays unknown. Refused with `not-paid` if there is no such approval, and
   * with `outcome-unknown` while an earlier one is unknown itself.
   */
  readonly network?: true;
  /**
   * The seller accepts that an escrow purchase was rejected, by which all that remains goes back to the buyer: the call's
   * operation is then `escrow.confirmRejection`.
   */
  readonly escrow?: true;
}

/** A call that may now be made, once. */
export type ReservedCall = ReservedApproval | ReservedCancel;

/** An approval that may now be sent. */
export interface ReservedApproval {
  readonly kind: "approval";
  /** The store's own id for this call. */
  readonly id: string;
  readonly orderId: string;
  /** The order number for the gateway: new for each attempt, and never used again. */
  readonly oid: string;
  readonly price: number;
  /** Where the attempt was counted, if a rate limit came along. */
  readonly counted?: readonly CounterWindow[];
}

/** A cancel that may now be sent, with the numbers it must be sent with. */
export interface ReservedCancel {
  readonly kind: "cancel";
  /** The store's own id for this call. */
  readonly id: string;
  readonly orderId: string;
  readonly operation: "payments.cancel" | "payments.cancelPartially" | "escrow.confirmRejection";
  readonly payType: string;
  /** The transaction to cancel. */
  readonly tid: string;
  /** Won given back by this call. */
  readonly cancelPrice: number;
  /** Won that remain after it. */
  readonly confirmPrice: number;
  /** Undoes an approval of the payment page of which nobody knows whether it happened; `tid` is its P_TID. */
  readonly network?: true;
}

/** Either the right to make one call, or why there is none. */
export type Reservation<Call extends ReservedCall> =
  | { readonly status: "reserved"; readonly call: Call }
  | { readonly status: "refused"; readonly reason: RefusedReason; readonly order: OrderPayment | undefined };

/** Why a call may not be made. */
export type RefusedReason =
  /** Another call for this order is running. */
  | "in-progress"
  /** The order is paid already. */
  | "already-paid"
  /** Nothing is left to cancel, or a cancelled order was to be charged again. */
  | "already-cancelled"
  /** The outcome of an earlier call is unknown; the order is locked until it is settled. */
  | "outcome-unknown"
  /** The gateway's answer contradicts what is stored; an operator must look at it. */
  | "needs-review"
  /** There is no payment to cancel. */
  | "not-paid"
  /** More was to be cancelled than remains, or another amount would remain than the caller expects. */
  | "remaining-differs"
  /** The payment page's transaction was used before. */
  | "tid-used";

/** What is known after a call. The four failures mean what `PayApiError.outcome` says. */
export type CallOutcome = {
  readonly outcome: "succeeded" | "refused" | "not-sent" | "unknown" | "moved";
  /** Why it failed: a `PayApiError.code`. */
  readonly code?: string;
  readonly resultCode?: string;
  /** The gateway's own words, card numbers masked. */
  readonly resultMessage?: string;
  /** The transaction id in the reply. */
  readonly tid?: string;
  /** Won, as the reply says. */
  readonly price?: number;
  /** Won remaining after a partial cancel, as the reply says. */
  readonly remainingPrice?: number;
  /** The approval number. */
  readonly applNum?: string;
  /** The transaction id of a partial cancel. */
  readonly cancelTid?: string;
  /** When the gateway says it happened. */
  readonly at?: Date;
};

/** The state of an order's money. */
export type OrderStatus =
  /** A call is running. */
  | "in-progress"
  /** Paid, and nothing cancelled. */
  | "paid"
  | "partially-cancelled"
  | "cancelled"
  /** The gateway refused; the buyer may try again. */
  | "declined"
  /** The last attempt never reached the gateway; the buyer may try again. */
  | "not-sent"
  /** The last attempt's outcome was unknown, and a net cancel undid it; the buyer may try again. */
  | "net-cancelled"
  /** A virtual account waits for the buyer's money; the order may also be paid otherwise. */
  | "awaiting-deposit"
  /** Nobody knows yet whether money moved: locked until settled. */
  | "unknown"
  /** Money moved otherwise than asked: locked, for an operator. */
  | "needs-review";

/** What is known about an order's payment. */
export interface OrderPayment {
  readonly orderId: string;
  readonly status: OrderStatus;
  /** Won asked for. */
  readonly price: number;
  /** Won paid and not cancelled, as far as it is known. */
  readonly remainingPrice: number;
  /** The newest cancel, if there was one. */
  readonly cancel?: {
    readonly status: "in-progress" | "done" | "refused" | "not-sent" | "unknown" | "needs-review";
    readonly cancelPrice: number;
    readonly resultCode?: string;
    readonly resultMessage?: string;
  };
  /** The gateway's word for the payment method of the attempt that counts. */
  readonly payType?: string;
  /** The gateway's order number of the attempt that counts. */
  readonly oid?: string;
  readonly tid?: string;
  readonly applNum?: string;
  readonly approvedAt?: Date;
  /** Where the money of an order that is `awaiting-deposit` is to be sent. */
  readonly account?: {
    readonly number: string;
    readonly bankCode?: string;
    readonly holder?: string;
    readonly dueAt?: Date;
  };
  /** The gateway's answer to the newest approval. */
  readonly resultCode?: string;
  readonly resultMessage?: string;
}
