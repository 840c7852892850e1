import type { CallOutcome, OrderPayment, OrderStatus } from "@payapi/core";
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
import type { AttemptGroup, OrderPosition } from "../store/port.js";

/** Where orders in each state are to be found. Which state an order is in follows from all its rows, in one place. */
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
      const page = await tx.newestOrders(context.mid, {
        limit,
        ...(from === undefined ? {} : { before: from }),
        ...(among === undefined ? {} : { among }),
      });
      const rows = await tx.ordersRows(
        context.mid,
        page.map(({ orderId }) => orderId),
      );
      const byOrder = groupByOrder(rows);
      found.push(
        ...page
          .map((place) => listed(place, byOrder.get(place.orderId)))
          .filter((payment) => payment !== undefined)
          .filter((payment) => status === undefined || payment.status === status),
      );
      from = page.at(-1)?.position;
      if (page.length < limit) break;
    }
    return found.slice(0, limit);
  });
}

function listed({ orderId, position }: OrderPosition, rows?: OrderRows): ListedPayment | undefined {
  const payment = rows && viewOrder(orderId, rows);
  const attempt = rows && speakingAttempt(rows.approvals);
  if (payment === undefined || attempt === undefined) return undefined;
  const { oid, payType, createdAt } = attempt;
  return { ...payment, position, oid, payType, createdAt, attempts: rows?.approvals.length ?? 0 };
}

export function timeline(context: LedgerContext, orderId: string): Promise<readonly TimelineEntry[]> {
  return context.store.read(async (tx) => (await tx.transitions(context.mid, orderId)).map(lineOf));
}

function lineOf(row: TransitionRow): TimelineEntry {
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

export function unknowns(context: LedgerContext): Promise<readonly CallInReview[]> {
  return context.store.read(async (tx) => {
    const now = context.now(tx);
    const orderIds = await tx.unsettledOrders(context.mid, now);
    const rows = await tx.ordersRows(context.mid, orderIds);
    return [...groupByOrder(rows)]
      .flatMap(([orderId, order]) => unknownCalls(orderId, order, now))
      .sort((a, b) => a.since.getTime() - b.since.getTime());
  });
}

function unknownCalls(orderId: string, rows: OrderRows, now: Date): CallInReview[] {
  const order = viewOrder(orderId, rows);
  if (order === undefined) return [];
  const approvals = rows.approvals.filter((row) => isUnsettled(row, now) || row.mismatchAt !== null);
  const cancels = rows.cancels.filter((row) => isUnsettled(row, now));
  return [
    ...approvals.map((row) => ({
      orderId,
      kind: "approval" as const,
      state: row.state,
      contradicted: row.mismatchAt !== null || row.state === "mismatch",
      since: row.mismatchAt ?? row.sendingAt ?? row.createdAt,
      oid: row.oid,
      price: row.price,
      ...given({ tid: row.tid ?? row.authTid }),
      order,
    })),
    ...cancels.flatMap((row) => {
      const payment = rows.approvals.find(({ id }) => id === row.approvalId);
      return payment === undefined ? [] : [unknownCancel(row, payment, order)];
    }),
  ];
}

function unknownCancel(row: CancelRow, payment: ApprovalRow, order: OrderPayment): CallInReview {
  return {
    orderId: payment.orderId,
    kind: "cancel",
    state: row.state,
    contradicted: row.state === "mismatch",
    since: row.sendingAt ?? row.createdAt,
    oid: payment.oid,
    price: row.cancelPrice,
    ...given({ tid: row.network ? payment.authTid : payment.tid }),
    order,
  };
}

const unsettled: readonly string[] = [
  "unknown",
  "approved_mismatch",
  "approved_no_tid",
  "mismatch",
  "mismatch",
];

/** A call past its deadline is as unknown as it will be once `recover()` has said so. */
function isUnsettled(row: Pick<ApprovalRow | CancelRow, "state" | "deadlineAt">, now: Date): boolean {
  if (row.state === "sending") return row.deadlineAt !== null && row.deadlineAt < now;
  return unsettled.includes(row.state);
}

export function balance(context: LedgerContext, orderId: string): Promise<Balance> {
  return context.store.read(async (tx) => {
    const sums = await tx.balance(context.mid, orderId);
    // The counterparts of what the gateway took are negative in the books; nobody wants to read them that way.
    return {
      gateway: sums.get("gateway") ?? 0,
      paid: 0 - (sums.get("paid") ?? 0),
      suspense: 0 - (sums.get("suspense") ?? 0),
    };
  });
}

export function groupByOrder(rows: OrderRows): Map<string, OrderRows> {
  const cancels = groupBy(rows.cancels, (row) => row.approvalId);
  return new Map(
    [...groupBy(rows.approvals, (row) => row.orderId)].map(([orderId, approvals]) => [
      orderId,
      { approvals, cancels: approvals.flatMap((row) => cancels.get(row.id) ?? []) },
    ]),
  );
}

function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

export interface ListOptions {
  /** At most this many, 50; at most 500. */
  readonly limit?: number;
  /** The `position` of the last payment of the page before. */
  readonly before?: number;
  /** Only orders in this state. */
  readonly status?: OrderStatus;
}

/** An order's payment in a list. */
export interface ListedPayment extends OrderPayment {
  /** Where the payment stands in the list: rises with every attempt of any order. */
  readonly position: number;
  /** The gateway's order number of the attempt that counts. */
  readonly oid: string;
  readonly payType: string;
  readonly attempts: number;
  /** When the attempt that counts was reserved. */
  readonly createdAt: Date;
}

/** One line of an order's history. */
export interface TimelineEntry {
  readonly at: Date;
  /**
   * `…-mismatch`: a later report that did not fit the state, and changed nothing but the alarm. `notification`: one that
   * fits no state, with its reason as `failureCode`. `reversal`: a deposit was taken back.
   */
  readonly what: TransitionKind;
  /** The call it is about: several attempts and cancels of an order share a timeline. */
  readonly callId: string;
  /** Missing on the first line of a call. */
  readonly from?: ApprovalState | CancelState;
  readonly to: ApprovalState | CancelState;
  /**
   * Who asked for a cancel, settled an unknown call or dealt with the order; `recovery` when `recover()` ended the call, `notification` when the gateway
   * told so by itself.
   */
  readonly actor?: string;
  /** What an operator who settled the call saw it in; or, where nothing moved, how somebody dealt with the order. */
  readonly evidence?: string;
  readonly outcome?: CallOutcome["outcome"];
  /** Won: what the reply says, otherwise what was asked. */
  readonly price?: number;
  readonly tid?: string;
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** A call for an operator to look into. */
export interface CallInReview {
  readonly orderId: string;
  readonly kind: "approval" | "cancel";
  readonly state: ApprovalState | CancelState;
  /** `true` if a later report contradicted the record; the timeline says how. */
  readonly contradicted: boolean;
  /** Since when nobody knows: when it was sent, or when the contradiction arrived. */
  readonly since: Date;
  /** What to search the gateway's console for. */
  readonly oid: string;
  /** The transaction, or that of the authentication on the payment page. */
  readonly tid?: string;
  /** Won asked for by this call. */
  readonly price: number;
  readonly order: OrderPayment;
}

/** An order's money in won; `gateway` is always the sum of the other two. */
export interface Balance {
  /** What the gateway took from the buyer and has not given back, as far as it is known. */
  readonly gateway: number;
  /** The part of it that is as asked: what remains paid. */
  readonly paid: number;
  /** The part that moved otherwise than asked, for an operator. */
  readonly suspense: number;
}
