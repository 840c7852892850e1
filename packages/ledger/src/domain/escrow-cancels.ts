import type { Draft, OperatorNote } from "./order.js";
import { transitionOf } from "./order.js";
import { remainingOf } from "./order-status.js";
import type { ApprovalRow, CancelCall, CancelRow, Mismatch } from "./rows.js";

/**
 * Escrow money is refunded by a cancel of the shop or in the gateway's console, and the gateway notifies of both. The notification of a
 * partial cancel has the cancel's own transaction id, that of a full cancel the payment's. So each cancel of the shop explains one
 * transaction; any other refund was made outside the shop.
 */

/** The largest time difference between two notifications of the same refund. */
const sameCancelMs = 10 * 60_000;

/** A notification of refunded escrow money. */
export interface EscrowCancel {
  readonly tid: string;
  /** Won, if it names any. */
  readonly price: number | undefined;
  /** The time of the refund, as the gateway reports it. */
  readonly at: Date | undefined;
}

/**
 * Returns the shop's cancel that explains a notification; `known` if another notification reported the same; `undefined` if the money
 * was refunded outside the shop.
 */
export function whatExplains(
  cancels: readonly CancelRow[],
  approval: ApprovalRow,
  notified: EscrowCancel,
): CancelRow | "known" | undefined {
  if (approval.mismatches.some((each) => saysSame(approval, each, notified))) return "known";
  const own = cancels.filter(
    (row) =>
      row.approvalId === approval.id &&
      noticeOf(approval, row.id) === undefined &&
      mayBeOf(approval, row, notified.tid) &&
      hasAmountOf(approval, row, notified),
  );
  return (
    own.find(({ state, cancelTid }) => isOver(state) && cancelTid === notified.tid) ??
    own.find(({ state }) => isOver(state)) ??
    // A cancel that was never sent can't have been carried out.
    own.find((row) => row.id === approval.openCancel && row.sendingAt !== null)
  );
}

function isOver(state: CancelRow["state"]): boolean {
  return state === "done" || state === "mismatch";
}

/**
 * Returns whether a notification names the amount of a cancel: the booked amount or, with the cancel's own transaction id, the requested
 * one. The cancel's reply may have named an amount that never moved.
 */
function hasAmountOf(approval: ApprovalRow, cancel: CancelRow, { price, tid }: EscrowCancel): boolean {
  if (price === undefined || price === bookedOrAsked(approval, cancel)) return true;
  return price === cancel.cancelPrice && [cancel.cancelTid, approval.tid, approval.authTid].includes(tid);
}

/** The requested amount of a cancel, or the booked amount if its reply differed, in won. */
function bookedOrAsked(approval: ApprovalRow, { id, state, cancelPrice }: CancelRow): number {
  const booked = bookedFor(approval, id);
  return state === "mismatch" && booked > 0 ? booked : cancelPrice;
}

/** The amount booked for a cancel whose reply differed from the request, in won. */
export function bookedFor({ mismatches }: ApprovalRow, cancelId: string): number {
  const kinds: readonly Mismatch["kind"][] = ["cancel", "cancel-notified"];
  const own = mismatches.filter((each) => kinds.includes(each.kind) && each.cancelId === cancelId);
  return own.reduce((sum, { booked = 0 }) => sum + booked, 0);
}

/**
 * Records the notification of a shop's cancel. Returns whether it names another amount than the cancel's reply, whose amount stays in the
 * books: either may be right, and one refund is booked once.
 */
export function addNotice(
  draft: Draft,
  approval: ApprovalRow,
  cancel: CancelRow,
  { notified, at }: { readonly notified: EscrowCancel; readonly at: Date },
): boolean {
  const { tid, price, at: saidAt } = notified;
  const notice = {
    kind: "cancel-notified",
    cancelId: cancel.id,
    state: cancel.state,
    outcome: null,
    price: price ?? null,
    tid,
    resultCode: null,
    at: saidAt?.toISOString() ?? null,
  } as const;
  draft.addMismatch(approval.id, notice);
  const differs = price !== undefined && price !== bookedOrAsked(approval, cancel);
  if (differs) auditNotice(draft, { kind: "cancel", approval, cancel }, notice, at);
  else bookNotice(draft, notice, at);
  return differs;
}

/** Adds a notification that differs from a cancel's reply to the audit trail. An order that was reviewed needs review again. */
function auditNotice(draft: Draft, call: CancelCall, { price, tid }: Mismatch, at: Date): void {
  const { state } = call.cancel;
  const entry = transitionOf(call, {
    at,
    from: state,
    to: state,
    actor: "notification",
    isMismatch: true,
  });
  draft.audit({ ...entry, price, tid });
}

/**
 * Checks the notification of a cancel once that cancel has ended. If the cancel ended otherwise, the money was refunded outside the
 * shop and the order needs review.
 */
export function checkNotice(draft: Draft, { approvalId, id }: CancelRow, at: Date): void {
  const approval = draft.order.approvals.find((row) => row.id === approvalId);
  const cancel = draft.order.cancels.find((row) => row.id === id);
  if (approval === undefined || cancel === undefined) return;
  const notice = noticeOf(approval, id);
  takeBack(draft, approval, cancel, at);
  if (notice === undefined) return;
  if (cancel.state === "unknown") return;
  if (isOver(cancel.state) && mayBeOf(approval, cancel, notice.tid)) {
    bookNotice(draft, notice, at);
    return;
  }
  const { mismatches = [] } = draft.order.approvals.find((row) => row.id === approvalId) ?? {};
  draft.changeApproval(approvalId, { mismatches: mismatches.filter((each) => each !== notice) });
  const saidAt = notice.at == null ? undefined : new Date(notice.at);
  giveBackElsewhere(
    draft,
    approval.id,
    { price: notice.price ?? undefined, tid: notice.tid ?? "", at: saidAt },
    at,
  );
}

/** Books the amount in the notification, or else the requested amount, of a cancel whose reply had no amount. */
function bookNotice(draft: Draft, notice: Mismatch, at: Date): void {
  const cancel = draft.order.cancels.find(({ id }) => id === notice.cancelId);
  const approval = draft.order.approvals.find(({ id }) => id === cancel?.approvalId);
  if (cancel?.state !== "mismatch" || approval === undefined || bookedFor(approval, cancel.id) > 0) return;
  const booked = notice.price ?? cancel.cancelPrice;
  const mismatches = approval.mismatches.map((each) => (each === notice ? { ...notice, booked } : each));
  const call = {
    kind: "cancel",
    approval: draft.changeApproval(approval.id, { mismatches }),
    cancel,
  } as const;
  auditNotice(draft, call, { ...notice, price: booked }, at);
  draft.post(call, at, -booked, "suspense");
}

/**
 * Reverses the posting of a notification that was matched to another refund, since the cancel's reply now names the notification's
 * transaction.
 */
function takeBack(draft: Draft, approval: ApprovalRow, { id, state, cancelTid }: CancelRow, at: Date): void {
  const own = approval.mismatches.find(
    (each) => each.tid === cancelTid && each.cancelId !== id && isNotice(each),
  );
  if (own === undefined || !isOver(state)) return;
  const notified = { ...own, kind: "cancel-notified", cancelId: id, booked: 0 } as const;
  const mismatches = approval.mismatches.map((each) => (each === own ? notified : each));
  const changed = draft.changeApproval(approval.id, { mismatches });
  const other = draft.order.cancels.find((row) => row.id === own.cancelId);
  const call =
    other === undefined
      ? ({ kind: "approval", approval: changed } as const)
      : ({ kind: "cancel", approval: changed, cancel: other } as const);
  draft.post(call, at, own.booked ?? 0, "suspense");
}

/**
 * Books money that was refunded outside the shop, up to the remaining amount; nothing if the notification of a partial cancel has no
 * amount. The order needs review.
 */
export function giveBackElsewhere(
  draft: Draft,
  approvalId: string,
  { price, tid, at: saidAt }: EscrowCancel,
  at: Date,
  note?: OperatorNote,
): void {
  const approval = draft.order.approvals.find((row) => row.id === approvalId);
  if (approval === undefined) throw new Error("Money was refunded without a payment");
  const left = atGateway(approval);
  // Only a full cancel certainly refunded the whole remaining amount.
  const isWhole = tid === approval.tid || tid === approval.authTid;
  const won = Math.min(price ?? (isWhole ? bookedRest(approval) : 0), left);
  const { state } = approval;
  const entry = transitionOf(
    { kind: "approval", approval },
    { at, from: state, to: state, actor: note?.actor ?? "notification" },
  );
  draft.audit({
    ...entry,
    evidence: note?.evidence ?? null,
    what: "notification",
    tid,
    price: price ?? null,
    failureCode: "cancelled-elsewhere",
  });
  draft.addMismatch(approval.id, {
    kind: "cancelled-elsewhere",
    cancelId: null,
    state,
    outcome: null,
    price: won,
    tid,
    resultCode: null,
    booked: won,
    at: saidAt?.toISOString() ?? null,
  });
  draft.requireReview(approval.id, at);
  draft.post({ kind: "approval", approval }, at, -won, "suspense");
}

/** Won of a payment that are at the gateway, also of one that is not as requested, less what was refunded outside the shop. */
export function atGateway(approval: ApprovalRow): number {
  const of = (kind: Mismatch["kind"]) => approval.mismatches.filter((each) => each.kind === kind);
  // Money of an attempt beside an active one is only in its mismatches.
  const beside = of("approval").reduce((sum, { booked = 0 }) => sum + booked, 0);
  const elsewhere = of("cancelled-elsewhere").reduce((sum, { price }) => sum + (price ?? 0), 0);
  return (remainingOf(approval) || beside) - elsewhere;
}

/** The amount of a payment that is not booked as refunded by any report, in won. */
function bookedRest({ remaining, mismatches }: ApprovalRow): number {
  const kinds: readonly Mismatch["kind"][] = ["cancel", "cancel-notified", "cancelled-elsewhere", "reversal"];
  const refunds = mismatches.filter(({ kind }) => kinds.includes(kind));
  return Math.max(0, remaining - refunds.reduce((sum, { booked = 0 }) => sum + booked, 0));
}

function noticeOf({ mismatches }: ApprovalRow, cancelId: string): Mismatch | undefined {
  return mismatches.find((each) => each.kind === "cancel-notified" && each.cancelId === cancelId);
}

/** Returns whether a transaction id may be the cancel's. A full cancel has the payment's id, and a reply may have no id. */
function mayBeOf({ tid, authTid }: ApprovalRow, { cancelTid }: CancelRow, notified: string | null): boolean {
  return cancelTid === null || notified === null || [cancelTid, tid, authTid].includes(notified);
}

function isNotice({ kind }: Mismatch): boolean {
  return kind === "cancel-notified" || kind === "cancelled-elsewhere";
}

function saysSame({ tid, authTid }: ApprovalRow, known: Mismatch, notified: EscrowCancel): boolean {
  if (!isNotice(known) || known.tid !== notified.tid) return false;
  // Several cancels may be reported with the payment's own transaction id; their times distinguish them.
  if (notified.tid !== tid && notified.tid !== authTid) return true;
  if (notified.price !== undefined && known.price !== null && notified.price !== known.price) return false;
  if (known.at == null || notified.at === undefined) return true;
  return Math.abs(new Date(known.at).getTime() - notified.at.getTime()) <= sameCancelMs;
}
