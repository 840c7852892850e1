import type { CancelCall, Draft, OperatorNote } from "./order.js";
import { transitionOf } from "./order.js";
import type { ApprovalRow, CancelRow, Mismatch } from "./rows.js";

/**
 * Escrow money is refunded by a cancel of ours or in the gateway's console, and the gateway notifies of both. The notification of a
 * partial cancel names that cancel's own transaction; that of a full cancel names the payment's. So each cancel of ours explains one
 * transaction, and any other one was refunded without us.
 */

/** How far apart two notifications may say that the same was done. */
const sameCancelMs = 10 * 60_000;

/** A notification of escrow money that went back. */
export interface EscrowCancel {
  readonly tid: string;
  /** Won, if it names any. */
  readonly price: number | undefined;
  /** When the gateway says it was done. */
  readonly at: Date | undefined;
}

/**
 * Returns the cancel of ours that explains a notification; `known` if another notification said the same; `undefined` if the money was
 * refunded without us.
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
 * Whether a notification names the won of a cancel: what is booked for it or, under its own transaction, what it asked for. Its reply may
 * have named an amount that never moved.
 */
function hasAmountOf(approval: ApprovalRow, cancel: CancelRow, { price, tid }: EscrowCancel): boolean {
  if (price === undefined || price === bookedOrAsked(approval, cancel)) return true;
  return price === cancel.cancelPrice && [cancel.cancelTid, approval.tid, approval.authTid].includes(tid);
}

/** Won that a cancel asked for, or that were booked for it where its reply differed. */
function bookedOrAsked(approval: ApprovalRow, { id, state, cancelPrice }: CancelRow): number {
  const booked = bookedFor(approval, id);
  return state === "mismatch" && booked > 0 ? booked : cancelPrice;
}

/** Won booked for a cancel whose reply differed from what was asked. */
export function bookedFor({ mismatches }: ApprovalRow, cancelId: string): number {
  const kinds: readonly Mismatch["kind"][] = ["cancel", "cancel-notified"];
  const own = mismatches.filter((each) => kinds.includes(each.kind) && each.cancelId === cancelId);
  return own.reduce((sum, { booked = 0 }) => sum + booked, 0);
}

/**
 * Records the notification of a cancel of ours. Returns whether it names another amount than the cancel's reply, whose amount stays in the
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
 * Checks the notification of a cancel once that cancel has ended. If it ended otherwise, the money was refunded without us and the order
 * needs review.
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

/** Books the amount that a notification names, or else what was asked for, of a cancel whose reply did not name it. */
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
 * Reverses the posting of a notification that was taken for another refund, of the console's or of another cancel of ours: the cancel's
 * reply names its transaction.
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
 * Books money that was refunded without us, up to what is left of the payment; nothing if the notification of a partial cancel names no
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
  if (approval === undefined) throw new Error("Money was given back of no payment");
  const elsewhere = approval.mismatches.filter(({ kind }) => kind === "cancelled-elsewhere");
  const left = approval.remaining - elsewhere.reduce((sum, each) => sum + (each.price ?? 0), 0);
  // Only a full cancel is known to have refunded the rest.
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

/** Won of a payment that are not booked as refunded, by whichever report. */
function bookedRest({ remaining, mismatches }: ApprovalRow): number {
  const kinds: readonly Mismatch["kind"][] = ["cancel", "cancel-notified", "cancelled-elsewhere", "reversal"];
  const refunds = mismatches.filter(({ kind }) => kinds.includes(kind));
  return Math.max(0, remaining - refunds.reduce((sum, { booked = 0 }) => sum + booked, 0));
}

function noticeOf({ mismatches }: ApprovalRow, cancelId: string): Mismatch | undefined {
  return mismatches.find((each) => each.kind === "cancel-notified" && each.cancelId === cancelId);
}

/** Whether a transaction may be the cancel's: a full cancel has the payment's, and not every reply names one. */
function mayBeOf({ tid, authTid }: ApprovalRow, { cancelTid }: CancelRow, notified: string | null): boolean {
  return cancelTid === null || notified === null || [cancelTid, tid, authTid].includes(notified);
}

function isNotice({ kind }: Mismatch): boolean {
  return kind === "cancel-notified" || kind === "cancelled-elsewhere";
}

function saysSame({ tid, authTid }: ApprovalRow, known: Mismatch, notified: EscrowCancel): boolean {
  if (!isNotice(known) || known.tid !== notified.tid) return false;
  // Several cancels may be reported under the payment's own transaction: then the time distinguishes them.
  if (notified.tid !== tid && notified.tid !== authTid) return true;
  if (notified.price !== undefined && known.price !== null && notified.price !== known.price) return false;
  if (known.at == null || notified.at === undefined) return true;
  return Math.abs(new Date(known.at).getTime() - notified.at.getTime()) <= sameCancelMs;
}
