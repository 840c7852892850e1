import type { KeyEventKind, OrderEventKind } from "./event-types.js";
import type { NotificationOutcome, NotificationVerdict } from "./notification-rows.js";

import { given, hasMismatch, viewOrder } from "./order-status.js";
import type { ApprovalRow, CancelRow, Order, OrderRows, TransitionRow } from "./rows.js";

/** The changes of an order beside the entries of its audit trail. */
export interface OrderEvents {
  /** Attempts with their first mismatch. */
  readonly mismatched: { readonly approvalId: string; readonly at: Date }[];
  /** Notifications that were stored. */
  readonly notified: NotificationVerdict[];
}

/** The events of one change, in the order in which its entries were written. */
export function eventsOf(
  order: Order,
  audit: readonly TransitionRow[],
  { mismatched, notified }: OrderEvents,
): readonly DecidedEvent[] {
  const events: DecidedEvent[] = [];
  let isFlagged = false;
  for (const entry of audit) {
    const kind = eventOf(entry, order);
    if (kind === undefined) continue;
    // One event per incident, even if several rows show it.
    const isAlarm = kind === "needs-review" || kind === "reversed";
    if (isAlarm && isFlagged) continue;
    isFlagged ||= isAlarm;
    events.push(orderEvent(kind, kind === "approved" ? ofItsApproval(entry, order) : entry, order));
  }
  for (const { approvalId } of mismatched) {
    // The audit entry written with the mismatch has the reason.
    const entry = audit.findLast((each) => each.approvalId === approvalId);
    if (entry === undefined || isFlagged) continue;
    isFlagged = true;
    events.push(orderEvent("needs-review", entry, order));
  }
  for (const each of notified) {
    if (each.row.kind === "escrow" && (each.row.listed || each.isReleased)) {
      events.push(...escrowEvent(each, order));
    }
    // Its entry in the order's audit trail caused the event already.
    if (!isFlagged) events.push(...notificationEvent(each));
  }
  return events;
}

/** A payment whose event waited for a net cancel is reported when that cancel has ended, by an event of its own approval. */
function ofItsApproval(entry: TransitionRow, { approvals }: Order): TransitionRow {
  const approval = approvals.find(({ id }) => id === entry.approvalId);
  if (entry.what === "approval" || approval === undefined) return entry;
  const { tid, resultCode, resultMessage, settledBy } = approval;
  const isByCall = settledBy === "call";
  return {
    ...entry,
    cancelId: null,
    actor: isByCall ? null : settledBy,
    outcome: settledBy === "operator" ? null : "succeeded",
    price: approval.price,
    tid,
    failureCode: null,
    resultCode,
    resultMessage,
  };
}

function orderEvent(kind: OrderEventKind, entry: TransitionRow, rows: Order): DecidedEvent {
  const { orderId, approvalId, cancelId, at, price, tid, actor, outcome } = entry;
  const { resultCode, resultMessage, failureCode: reason } = entry;
  const order = viewOrder(orderId, rows);
  const said = { price, tid, actor, outcome, reason, resultCode, resultMessage };
  const data = writeData({ orderId, callId: cancelId ?? approvalId, ...said, order });
  return { kind, orderingKey: `order:${orderId}`, at, data };
}

function escrowEvent({ row, verdict }: NotificationVerdict, rows: Order): DecidedEvent[] {
  const { orderId, effect } = verdict;
  if (orderId === null || effect === "quarantined") return [];
  const { event: status, tid, price, receivedAt: at } = row;
  const data = writeData({
    orderId,
    status,
    effect,
    tid,
    ...given({ price }),
    order: viewOrder(orderId, rows),
  });
  return [{ kind: "escrow", orderingKey: `order:${orderId}`, at, data }];
}

/**
 * The event of a notification that needs review. It carries none of the gateway's text. Unlisted sources raise no event, since anyone can
 * send from them, and neither does a release, whose caller gets the effect.
 */
export function notificationEvent({ row, verdict, isReleased }: NotificationVerdict): DecidedEvent[] {
  if (isReleased || !row.listed || !needsReview(verdict)) return [];
  const { id: notificationId, kind: notificationKind, price, receivedAt: at } = row;
  const { effect, reason, orderId } = verdict;
  return [
    {
      kind: "notification-needs-review",
      orderingKey: `notification:${notificationId}`,
      at,
      data: writeData({ notificationId, notificationKind, effect, reason, orderId, price }),
    },
  ];
}

function needsReview({ effect }: NotificationOutcome): boolean {
  return effect === "quarantined" || effect === "mismatch";
}

/** An event's own fields as JSON. A field without a value is left out. */
export function writeData(fields: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)),
  );
}

const movedNothing: readonly TransitionRow["to"][] = ["refused", "not_sent", "settled_not_moved"];

/** Returns the kind of event that an entry of the audit trail causes, if any. The rows have their state after the change. */
function eventOf(line: TransitionRow, rows: OrderRows): OrderEventKind | undefined {
  const approval = rows.approvals.find(({ id }) => id === line.approvalId);
  if (approval === undefined) return undefined;
  switch (line.what) {
    case "approval":
      return line.from === line.to ? undefined : ofApproval(line, approval, rows);
    case "cancel": {
      const cancel = rows.cancels.find(({ id }) => id === line.cancelId);
      return cancel === undefined || line.from === line.to
        ? undefined
        : ofCancel(line, approval, cancel, rows);
    }
    case "correction":
      return ofCorrection(line, approval, rows);
    case "reversal":
      return "reversed";
    case "notification":
      return "needs-review";
    case "approval-mismatch":
    case "cancel-mismatch":
      return undefined;
  }
}

/** That money moved is the usual event; that it did not, or under another transaction, takes back an earlier one. */
function ofCorrection(
  line: TransitionRow,
  approval: ApprovalRow,
  rows: OrderRows,
): OrderEventKind | undefined {
  if (line.from === line.to || line.to === "settled_not_moved") return "corrected";
  const cancel = rows.cancels.find(({ id }) => id === line.cancelId);
  return cancel === undefined ? ofApproval(line, approval, rows) : ofCancel(line, approval, cancel, rows);
}

function ofApproval(
  line: TransitionRow,
  approval: ApprovalRow,
  { approvals }: OrderRows,
): OrderEventKind | undefined {
  switch (line.to) {
    case "approved":
      // An order that needs review must not be delivered.
      if (hasMismatch(approvals)) return "needs-review";
      // The open net cancel may still refund it. The event follows when that cancel has ended and moved nothing.
      if (approval.openCancel !== null) return undefined;
      return approval.payType === "vbank" ? "deposited" : "approved";
    case "declined":
      return isShopFault(line) ? "setup-fault" : "declined";
    case "unknown":
      return line.to;
    case "approved_mismatch":
    case "approved_no_tid":
    case "mismatch":
      return "needs-review";
    case "net_cancelled":
      return "net-cancelled";
    case "awaiting_deposit":
      return "account-issued";
    case "settled_not_moved":
      return "settled";
    case "not_sent":
      return line.from === "unknown" ? "settled" : undefined;
    default:
      return undefined;
  }
}

function ofCancel(
  line: TransitionRow,
  approval: ApprovalRow,
  cancel: CancelRow,
  { approvals }: OrderRows,
): OrderEventKind | undefined {
  // A net cancel of an unpaid approval: the approval's own entry causes the event.
  if (cancel.netCancel && approval.state !== "approved" && line.to !== "mismatch") return undefined;
  if (cancel.netCancel && movedNothing.includes(line.to) && !hasMismatch(approvals)) return "approved";
  switch (line.to) {
    case "done":
      return approval.remaining === 0 ? "cancelled" : "partially-cancelled";
    case "mismatch":
      return "needs-review";
    case "unknown":
      return "cancel-unknown";
    case "settled_not_moved":
      return "settled";
    case "refused":
      if (isShopFault(line)) return "setup-fault";
      return line.from === "unknown" ? "settled" : undefined;
    case "not_sent":
      return line.from === "unknown" ? "settled" : undefined;
    default:
      return undefined;
  }
}

/** The gateway refused the shop's set-up or request, and nothing else: an entry may name a fault beside another meaning. */
function isShopFault({ outcome, failureCode }: TransitionRow): boolean {
  return outcome === "refused" && (failureCode === "setup-fault" || failureCode === "request-rejected");
}

/** An event about an order or a billing key, with the fields that it determines. */
export interface DecidedEvent {
  readonly kind: OrderEventKind | KeyEventKind | "escrow" | "notification-needs-review";
  /** The order or billing key; events with the same ordering key are delivered in order. */
  readonly orderingKey: string;
  readonly at: Date;
  /** As JSON. */
  readonly data: string;
}
