import { provedBySilence } from "./late-calls.js";
import type { Draft } from "./order.js";
import type { ApprovalRow, CancelRow, Mismatch } from "./rows.js";
import { transitionOf } from "./transitions.js";

/**
 * Escrow money goes back by a cancel of ours or by somebody in the gateway's console, and the gateway notifies of both without saying by
 * which. So each cancel of ours explains one notification of its amount; every other one is money that went back without us.
 */

/** How far apart the reply to a cancel and its notification may say that it was done. */
const sameCancelMs = 10 * 60_000;

/** A notification of escrow money that went back. */
export interface EscrowCancel {
  /** Won, if it names any. */
  readonly price: number | undefined;
  /** When the gateway says it was done. */
  readonly at: Date | undefined;
}

/** The cancel of ours that explains a notification, if one may: a later one of its amount then has another cause. */
export function cancelExplaining(
  cancels: readonly CancelRow[],
  approval: ApprovalRow,
  notified: EscrowCancel,
): CancelRow | undefined {
  const free = cancels.filter(
    (row) =>
      row.approvalId === approval.id &&
      (notified.price === undefined || notified.price === priceOf(approval, row)) &&
      noticeOf(approval, row.id) === undefined,
  );
  const fitting = free.filter((row) => mayBeOf(row, notified.at));
  return (
    fitting.find(({ state }) => state === "done" || state === "drift") ??
    // What never left us can't have been carried out.
    fitting.find((row) => row.id === approval.openCancel && row.sendingAt !== null)
  );
}

/** Won that a cancel asked for, or were booked for it where it went otherwise. */
function priceOf(approval: ApprovalRow, { id, state, cancelPrice }: CancelRow): number {
  return state === "drift" ? bookedFor(approval, id) : cancelPrice;
}

/** Won that were booked for a cancel that went otherwise than asked. */
export function bookedFor({ mismatches }: ApprovalRow, cancelId: string): number {
  const own = mismatches.filter((each) => each.kind === "cancel" && each.cancelId === cancelId);
  return own.reduce((sum, { booked = 0 }) => sum + booked, 0);
}

/** Keeps that a cancel of ours explains a notification. */
export function addNotice(
  draft: Draft,
  approval: ApprovalRow,
  cancel: CancelRow,
  { tid, price, at }: EscrowCancel & { readonly tid: string },
): void {
  draft.addMismatch(approval.id, {
    kind: "cancel-notified",
    cancelId: cancel.id,
    state: cancel.state,
    outcome: null,
    price: price ?? cancel.cancelPrice,
    tid,
    resultCode: null,
    at: at?.toISOString() ?? null,
  });
}

/**
 * A cancel of ours has ended otherwise than its notification said: then somebody else gave that money back, and the order needs review.
 */
export function checkNotice(draft: Draft, { approvalId, id }: CancelRow, at: Date): void {
  const approval = draft.order.approvals.find((row) => row.id === approvalId);
  const cancel = draft.order.cancels.find((row) => row.id === id);
  const notice = approval && noticeOf(approval, id);
  if (approval === undefined || cancel === undefined || notice === undefined) return;
  const said = notice.at == null ? undefined : new Date(notice.at);
  if (cancel.state === "done" && mayBeOf(cancel, said)) return;
  // It is not known to have ended, or went otherwise than asked: the order is locked, and an operator finds out.
  if (cancel.state === "unknown" || cancel.state === "drift") return;
  draft.changeApproval(approvalId, { mismatches: approval.mismatches.filter((each) => each !== notice) });
  giveBackElsewhere(draft, approval.id, { price: notice.price ?? undefined, tid: notice.tid, at });
}

/** Books money of a payment that went back without us, as far as there is any left. The order needs review. */
export function giveBackElsewhere(
  draft: Draft,
  approvalId: string,
  { price, tid, at }: { readonly price: number | undefined; readonly tid: string | null; readonly at: Date },
): void {
  const approval = draft.order.approvals.find((row) => row.id === approvalId);
  if (approval === undefined) throw new Error("Money was given back of no payment");
  const elsewhere = approval.mismatches.filter(({ kind }) => kind === "cancelled-elsewhere");
  const left = approval.remaining - elsewhere.reduce((sum, each) => sum + (each.price ?? 0), 0);
  const won = Math.min(price ?? left, left);
  const { state } = approval;
  const entry = transitionOf(
    { kind: "approval", approval },
    { at, from: state, to: state, actor: "notification" },
  );
  draft.audit({
    ...entry,
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
  });
  draft.contradict(approval.id, at);
  draft.post({ kind: "approval", approval }, at, -won, "unexplained");
}

function noticeOf({ mismatches }: ApprovalRow, cancelId: string): Mismatch | undefined {
  return mismatches.find((each) => each.kind === "cancel-notified" && each.cancelId === cancelId);
}

/** Whether a cancel was carried out at a time; where its reply did not say when, it may have been until some time after its deadline. */
function mayBeOf({ cancelledAt, sendingAt, deadlineAt }: CancelRow, at: Date | undefined): boolean {
  const from = cancelledAt ?? sendingAt;
  const until = cancelledAt ?? (deadlineAt && provedBySilence(deadlineAt));
  if (at === undefined || from === null || until === null) return true;
  return at.getTime() >= from.getTime() - sameCancelMs && at.getTime() <= until.getTime() + sameCancelMs;
}
