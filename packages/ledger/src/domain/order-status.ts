import type { OrderPayment, OrderStatus, RefusedReason } from "@payapi/core";
import type { Resolution } from "./facts.js";
import type { CallRows, Order } from "./rows.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CancelRow,
  type CancelState,
  liveApprovalStates,
  type OrderRows,
} from "./rows.js";

/** The attempt that determines an order's status: the active one, otherwise the newest that awaits a deposit, otherwise the newest. */
export function speakingAttempt(approvals: readonly ApprovalRow[]): ApprovalRow | undefined {
  const live: readonly ApprovalState[] = liveApprovalStates;
  return (
    approvals.find((row) => live.includes(row.state)) ??
    approvals.findLast((row) => row.state === "awaiting_deposit") ??
    approvals.at(-1)
  );
}

/** Returns whether an attempt has a mismatch that needs review. Then the order is locked permanently. */
export function hasMismatch(approvals: readonly ApprovalRow[]): boolean {
  return approvals.some(({ mismatchAt }) => mismatchAt !== null);
}

/** Converts the rows of an order to the `OrderPayment` of core. */
export function viewOrder(orderId: string, rows: OrderRows): OrderPayment | undefined {
  const attempt = speakingAttempt(rows.approvals);
  if (attempt === undefined) return undefined;
  const cancels = rows.cancels.filter((row) => row.approvalId === attempt.id);
  const newest = cancels.at(-1);
  return {
    orderId,
    status: statusOf(rows.approvals, attempt, cancels),
    price: attempt.price,
    remainingPrice: remainingOf(attempt),
    payType: attempt.payType,
    oid: attempt.oid,
    ...(newest === undefined ? {} : { cancel: viewCancel(newest) }),
    ...viewAccount(attempt),
    ...given({
      tid: attempt.tid ?? (attempt.state === "awaiting_deposit" ? attempt.authTid : null),
      applNum: attempt.applNum,
      partlyCancellable: attempt.state === "approved" ? attempt.partlyCancellable : null,
      approvedAt: attempt.approvedAt,
      failureCode: attempt.failureCode,
      resultCode: attempt.resultCode,
      resultMessage: attempt.resultMessage,
    }),
  };
}

function viewAccount(row: ApprovalRow): Pick<OrderPayment, "account"> {
  const { state, accountNumber: number, accountBank, accountHolder, accountDueAt } = row;
  if (state !== "awaiting_deposit" || number === null) return {};
  return {
    account: { number, ...given({ bankCode: accountBank, holder: accountHolder, dueAt: accountDueAt }) },
  };
}

function statusOf(
  approvals: readonly ApprovalRow[],
  attempt: ApprovalRow,
  cancels: readonly CancelRow[],
): OrderStatus {
  if (hasMismatch(approvals)) return "needs-review";
  switch (attempt.state) {
    case "reserved":
    case "sending":
      return "in-progress";
    case "unknown":
      return "unknown";
    case "declined":
      return "declined";
    case "not_sent":
    case "settled_not_moved":
      return "not-sent";
    case "net_cancelled":
      return "net-cancelled";
    case "awaiting_deposit":
      return "awaiting-deposit";
    case "approved_mismatch":
    case "approved_no_tid":
    case "mismatch":
      return "needs-review";
    case "approved":
      return statusOfPaid(attempt, cancels);
  }
}

/** The status of a paid order. While a cancel is open, the paid amount is unknown. */
function statusOfPaid(attempt: ApprovalRow, cancels: readonly CancelRow[]): OrderStatus {
  if (attempt.openCancel !== null) {
    const open = cancels.find((row) => row.id === attempt.openCancel)?.state;
    if (open === "unknown") return "unknown";
    return open === "reserved" || open === "sending" ? "in-progress" : "needs-review";
  }
  if (attempt.remaining === 0) return "cancelled";
  return attempt.remaining === attempt.price ? "paid" : "partially-cancelled";
}

/** Won of an attempt that are at the gateway, as far as it was reported: also of one that is not as requested. */
export function remainingOf(attempt: ApprovalRow): number {
  switch (attempt.state) {
    case "approved_mismatch":
    case "approved_no_tid":
    case "mismatch":
      return attempt.reportedPrice ?? 0;
    default:
      return attempt.remaining;
  }
}

const cancelStatus = {
  reserved: "in-progress",
  sending: "in-progress",
  done: "done",
  refused: "refused",
  not_sent: "not-sent",
  unknown: "unknown",
  mismatch: "needs-review",
  settled_not_moved: "not-sent",
} as const satisfies Record<CancelState, NonNullable<OrderPayment["cancel"]>["status"]>;

function viewCancel(row: CancelRow): NonNullable<OrderPayment["cancel"]> {
  return {
    status: cancelStatus[row.state],
    cancelPrice: row.cancelPrice,
    ...given({ failureCode: row.failureCode, resultCode: row.resultCode, resultMessage: row.resultMessage }),
  };
}

type Given<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** The fields that have a value; a field without one is left out. */
export function given<T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Given<T>;
}

const both = (reason: RefusedReason) => ({ approval: reason, cancel: reason });

/** The reason why an order with a status can't be charged, or its payment can't be cancelled. */
const refusals: Readonly<Record<OrderStatus, { approval?: RefusedReason; cancel?: RefusedReason }>> = {
  declined: { cancel: "not-paid" },
  "not-sent": { cancel: "not-paid" },
  "net-cancelled": { cancel: "not-paid" },
  "awaiting-deposit": { cancel: "not-paid" },
  paid: { approval: "already-paid" },
  "partially-cancelled": { approval: "already-paid" },
  cancelled: both("already-cancelled"),
  "in-progress": both("in-progress"),
  unknown: both("outcome-unknown"),
  "needs-review": both("needs-review"),
};

/** Returns why an order can't be charged now. */
export function whyNotApproved(orderId: string, rows: OrderRows): RefusedReason | undefined {
  const status = viewOrder(orderId, rows)?.status;
  return status && refusals[status].approval;
}

/** Returns why the payment can't be cancelled now. */
export function whyNotCancelled(orderId: string, rows: OrderRows): RefusedReason | undefined {
  const status = viewOrder(orderId, rows)?.status;
  return status === undefined ? "not-paid" : refusals[status].cancel;
}

/** Returns why an order's approval can't be undone by a net cancel. */
export function whyNotNetCancelled(orderId: string, rows: OrderRows): RefusedReason | undefined {
  const attempt = speakingAttempt(rows.approvals);
  const status = viewOrder(orderId, rows)?.status;
  if (status === "needs-review" || status === "in-progress") return status;
  if (attempt?.state !== "unknown" || attempt.authTid === null) return "not-paid";
  if (attempt.openCancel === null) return undefined;
  const open = rows.cancels.find(({ id }) => id === attempt.openCancel)?.state;
  return open === "unknown" ? "outcome-unknown" : "in-progress";
}

/**
 * The call whose resolution a later one corrects: the newest cancel of the payment, or an approval that no cancel has confirmed. Only an
 * operator has settled it, and nothing contradicts it; otherwise the order needs review.
 */
export function resolvedCall(
  rows: OrderRows,
  { outcome, tid, about, oid }: Resolution,
): CallRows | "which-attempt" | undefined {
  const { approvals, cancels } = rows;
  if (hasMismatch(approvals)) return undefined;
  const isNews = (state: string, moved: string, known: string | null) =>
    outcome === "not-moved" ? state === moved : state !== moved || (tid !== undefined && tid !== known);
  const payment = approvals.find(({ state }) => state === "approved");
  const own = cancels.filter(({ approvalId }) => approvalId === payment?.id);
  const cancel = own.at(-1);
  const isNotified = payment?.mismatches.some(({ cancelId }) => cancelId === cancel?.id) === true;
  if (
    about !== "approval" &&
    payment?.openCancel === null &&
    cancel?.settledBy === "operator" &&
    !isNotified
  ) {
    const { state, cancelTid, cancelPrice } = cancel;
    const isCovered = state === "done" || cancelPrice <= payment.remaining;
    if (isNews(state, "done", cancelTid) && isCovered) return { kind: "cancel", approval: payment, cancel };
  }
  if (about === "cancel") return undefined;
  const resolved = approvals.filter((row) => {
    const isResolved = row.settledBy === "operator" && (row === payment || row.state === "settled_not_moved");
    return isResolved && row.openCancel === null && (oid === undefined || row.oid === oid);
  });
  const [approval, another] = resolved.filter(({ state, tid: known }) => isNews(state, "approved", known));
  if (another !== undefined) return "which-attempt";
  // The gateway has carried out, or may have carried out, a cancel of this payment.
  const isConfirmed =
    approval === payment && own.some(({ state }) => state === "done" || state === "mismatch");
  return approval === undefined || isConfirmed ? undefined : { kind: "approval", approval };
}

export function refused(order: Order, reason: RefusedReason) {
  return { status: "refused", reason, order: viewOrder(order.orderId, order) } as const;
}
