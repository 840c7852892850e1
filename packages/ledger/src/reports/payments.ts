import type { CallOutcome, Environment, OrderPayment, OrderStatus } from "@payapi/core";
import { checkLimit } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import { given, speakingAttempt, viewOrder } from "../domain/order-status.js";
import type {
  ApprovalRow,
  ApprovalState,
  CancelRow,
  CancelState,
  OrderRows,
  TransitionKind,
  TransitionRow,
} from "../domain/rows.js";
import type { AttemptGroup, ListedOrder } from "../store/port.js";

/** The attempt group in which orders of each status are found. The status itself follows from all rows of the order. */
const groupOf = {
  "in-progress": "open",
  unknown: "open",
  "needs-review": "open",
  paid: "full",
  "partially-cancelled": "reduced",
  cancelled: "returned",
  declined: "declined",
  "not-sent": "not_sent",
  "net-cancelled": "net_cancelled",
  "awaiting-deposit": "awaiting_deposit",
} as const satisfies Record<OrderStatus, AttemptGroup>;

export async function listPayments(
  context: LedgerContext,
  options: ListOptions = {},
): Promise<readonly ListedPayment[]> {
  const { limit = 50, status } = options;
  checkLimit(limit);
  return context.store.read(async (tx) => {
    const found: ListedPayment[] = [];
    let from = options.before;
    const among = status && groupOf[status];
    while (found.length < limit) {
      const page = await tx.orders(context.mid, {
        newest: {
          limit,
          ...(from === undefined ? {} : { before: from }),
          ...(among === undefined ? {} : { among }),
        },
      });
      found.push(
        ...page
          .map((order) => listed(context, order))
          .filter((payment) => payment !== undefined)
          .filter((payment) => status === undefined || payment.status === status),
      );
      from = page.at(-1)?.position;
      if (page.length < limit) break;
    }
    return found.slice(0, limit);
  });
}

function listed(
  { environment }: LedgerContext,
  { orderId, position, ...rows }: ListedOrder,
): ListedPayment | undefined {
  const payment = viewOrder(orderId, rows);
  const attempt = speakingAttempt(rows.approvals);
  if (payment === undefined || attempt === undefined) return undefined;
  const { oid, payType, createdAt } = attempt;
  const attempts = rows.approvals.length;
  return { ...payment, environment, position, oid, payType, createdAt, attempts };
}

export function timeline(context: LedgerContext, orderId: string): Promise<readonly TimelineEntry[]> {
  return context.store.read(async (tx) => (await tx.transitions(context.mid, orderId)).map(entryOf));
}

function entryOf(row: TransitionRow): TimelineEntry {
  return {
    at: row.at,
    what: row.what,
    callId: row.cancelId ?? row.approvalId,
    to: row.to,
    ...given({
      from: row.from,
      actor: row.actor,
      evidence: row.evidence,
      outcome: row.outcome as CallOutcome["outcome"] | null,
      price: row.price,
      tid: row.tid,
      failureCode: row.failureCode,
      resultCode: row.resultCode,
      resultMessage: row.resultMessage,
    }),
  };
}

export function callsInReview(context: LedgerContext): Promise<readonly CallInReview[]> {
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const found = await tx.orders(context.mid, { unsettled: { deadlineBefore: now } });
    return found
      .flatMap(({ orderId, ...rows }) => callsOf(orderId, rows, now))
      .sort((a, b) => a.since.getTime() - b.since.getTime());
  });
}

function callsOf(orderId: string, rows: OrderRows, now: Date): CallInReview[] {
  const order = viewOrder(orderId, rows);
  if (order === undefined) return [];
  const approvals = rows.approvals.filter((row) => isUnsettled(row, now) || row.mismatchAt !== null);
  const cancels = rows.cancels.filter((row) => isUnsettled(row, now));
  return [
    ...approvals.map((row) => ({
      orderId,
      kind: "approval" as const,
      state: row.state,
      mismatch: row.mismatchAt !== null || row.state === "mismatch",
      since: row.mismatchAt ?? row.sendingAt ?? row.createdAt,
      oid: row.oid,
      price: row.price,
      ...given({ tid: row.tid ?? row.authTid }),
      order,
    })),
    ...cancels.flatMap((row) => {
      const payment = rows.approvals.find(({ id }) => id === row.approvalId);
      return payment === undefined ? [] : [cancelOf(row, payment, order)];
    }),
  ];
}

function cancelOf(row: CancelRow, payment: ApprovalRow, order: OrderPayment): CallInReview {
  return {
    orderId: payment.orderId,
    kind: "cancel",
    state: row.state,
    mismatch: row.state === "mismatch",
    since: row.sendingAt ?? row.createdAt,
    oid: payment.oid,
    price: row.cancelPrice,
    ...given({ tid: row.netCancel ? payment.authTid : payment.tid }),
    order,
  };
}

const unsettled: readonly string[] = ["unknown", "approved_mismatch", "approved_no_tid", "mismatch"];

/** A sending call past its deadline counts as unknown already, before `recover()` marks it so. */
function isUnsettled(row: Pick<ApprovalRow | CancelRow, "state" | "deadlineAt">, now: Date): boolean {
  if (row.state === "sending") return row.deadlineAt !== null && row.deadlineAt < now;
  return unsettled.includes(row.state);
}

export function balance(context: LedgerContext, orderId: string): Promise<Balance> {
  return context.store.read(async (tx) => {
    const sums = await tx.balance(context.mid, orderId);
    // The book holds `paid` and `suspense` as negative amounts; the balance shows them as positive.
    return {
      gateway: sums.get("gateway") ?? 0,
      paid: 0 - (sums.get("paid") ?? 0),
      suspense: 0 - (sums.get("suspense") ?? 0),
    };
  });
}

/** Which payments to list. */
export interface ListOptions {
  /** Page size, 1 to 500 (default: 50). */
  readonly limit?: number;
  /** The `position` of the last payment on the previous page. */
  readonly before?: number;
  /** Only orders with this status. */
  readonly status?: OrderStatus;
}

/** An order's payment in a list. */
export interface ListedPayment extends OrderPayment {
  /** The ledger's environment: a ledger lists no payment of another one. */
  readonly environment: Environment;
  /** Position in the list; later attempts have higher ones. */
  readonly position: number;
  /** The gateway's order number of the attempt that determines the status. */
  readonly oid: string;
  readonly payType: string;
  /** How many attempts the order has. */
  readonly attempts: number;
  /** When the attempt that determines the status was reserved. */
  readonly createdAt: Date;
}

/** One entry of an order's history. */
export interface TimelineEntry {
  readonly at: Date;
  /**
   * What the entry records. `…-mismatch`: a later fact that contradicts the state, which stays as it is. `notification`: a notification that
   * contradicts the state, with its reason as `failureCode`. `reversal`: a deposit was reversed.
   */
  readonly what: TransitionKind;
  /** The call it is about: several attempts and cancels of an order share a timeline. */
  readonly callId: string;
  /** The previous state; missing on the first entry of a call. */
  readonly from?: ApprovalState | CancelState;
  readonly to: ApprovalState | CancelState;
  /**
   * Who requested the cancel, resolved the call or closed the review; `recovery` for `recover()`, `notification` for a notification of
   * the gateway.
   */
  readonly actor?: string;
  /** The evidence of a resolution or a review note. */
  readonly evidence?: string;
  readonly outcome?: CallOutcome["outcome"];
  /** The amount of the reply, otherwise the requested one; in won. */
  readonly price?: number;
  readonly tid?: string;
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** A call that an operator has to look up in the gateway's console. */
export interface CallInReview {
  readonly orderId: string;
  readonly kind: "approval" | "cancel";
  readonly state: ApprovalState | CancelState;
  /** `true` after a mismatch: a fact contradicted the ledger. The timeline shows it. */
  readonly mismatch: boolean;
  /** When the call was sent, or when the mismatch arrived. */
  readonly since: Date;
  /** The order number to search for in the gateway's console. */
  readonly oid: string;
  /** The transaction id of the payment, or of the authentication on the payment page. */
  readonly tid?: string;
  /** The amount that the call requested, in won. */
  readonly price: number;
  readonly order: OrderPayment;
}

/** An order's money, in won. `gateway` is the sum of `paid` and `suspense`. */
export interface Balance {
  /** Money that the gateway took from the buyer and has not refunded, as far as the ledger knows. */
  readonly gateway: number;
  /** The part that was charged as requested and not cancelled. */
  readonly paid: number;
  /** The part that belongs to no paid order as requested; an operator clarifies it. */
  readonly suspense: number;
}
