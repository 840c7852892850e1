import type { OrderPayment } from "@payapi/core";
import { accountDueAt, isLate, isOutdated, provedBySilence, silentSince } from "./deadlines.js";
import { checkNotice } from "./escrow-cancels.js";
import type { Resolution, ResolutionRefusal, ResolutionResult } from "./facts.js";
import { paymentFacts } from "./facts.js";
import type { Draft } from "./order.js";
import { transitionOf } from "./order.js";
import { resolvedCall, viewOrder } from "./order-status.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CallRows,
  type CancelCall,
  type CancelState,
  isLive,
  type OrderRows,
  openCancelStates,
} from "./rows.js";
import { anotherLives, isAnothers, isDeposited, settleApproval } from "./settle-approval.js";
import { endHold, isAnotherCancels } from "./settle-cancel.js";

interface ResolutionFact {
  readonly resolution: Resolution;
  readonly at: Date;
  /** How long after its deadline recovery sets a call to unknown. */
  readonly sendingGraceMs: number;
}

/**
 * Settles an unknown call, or a virtual account that waits for a deposit, by an operator's resolution; or corrects an earlier resolution. It
 * never overwrites a fact. If a later fact differs from it, the order needs review.
 */
export function resolve(draft: Draft, fact: ResolutionFact): ResolutionResult {
  const { orderId, order } = draft;
  const { resolution, at } = fact;
  const found =
    resolution.corrects === true ? resolvedCall(order, resolution) : unknownCall(order, resolution);
  if (found === "which-attempt")
    return { status: "refused", reason: found, order: viewOrder(orderId, order) };
  const call = found;
  const refusal = whyNotYet(order, call, fact) ?? whyNot(draft, call, resolution, at);
  if (refusal !== undefined || call === undefined) {
    return { status: "refused", ...(refusal ?? { reason: "not-unknown" }), order: viewOrder(orderId, order) };
  }
  if (call.kind === "approval") endApproval(draft, call, resolution, at);
  else endCancel(draft, call, resolution, at);
  const settled = viewOrder(orderId, draft.order);
  if (settled === undefined) throw new Error("A settled call has no order");
  return { status: "settled", kind: call.kind, order: settled };
}

/**
 * An unknown approval is active, so it is the only one. It comes before the net cancel that should undo it, because the cancel's
 * outcome has no meaning without the approval's. A virtual account that waits for a deposit locks nothing, so it comes last.
 */
function unknownCall(rows: OrderRows, resolution: Resolution): CallRows | undefined {
  const call = firstUnknown(rows, resolution);
  return resolution.about === undefined || resolution.about === call?.kind ? call : undefined;
}

function firstUnknown(rows: OrderRows, resolution: Resolution): CallRows | undefined {
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = rows.cancels.find(({ state }) => state === "unknown");
  const payment = rows.approvals.find(({ id }) => id === cancel?.approvalId);
  if (cancel !== undefined && payment !== undefined) return { kind: "cancel", approval: payment, cancel };
  const account = virtualAccountOf(rows, resolution);
  return account && { kind: "approval", approval: account };
}

/** The virtual account with this transaction, if several wait; otherwise the newest. */
function virtualAccountOf({ approvals }: OrderRows, { tid }: Resolution): ApprovalRow | undefined {
  const waiting = approvals.filter((row) => row.state === "awaiting_deposit" && !isDeposited(row));
  return waiting.find(({ authTid }) => authTid === tid) ?? waiting.at(-1);
}

/** The net cancel that should undo an unknown approval, if it has not ended. */
function netCancelOf(rows: OrderRows, approval: ApprovalRow): CancelCall | undefined {
  const open: readonly CancelState[] = openCancelStates;
  // A cancel with a mismatch has ended, but keeps its hold.
  const cancel = rows.cancels.find(({ id, state }) => id === approval.openCancel && open.includes(state));
  return cancel && { kind: "cancel", approval, cancel };
}

/** Refuses while a call is past its deadline but not yet unknown: its process may still receive the reply. */
function whyNotYet(
  { approvals, cancels }: OrderRows,
  call: CallRows | undefined,
  { at, sendingGraceMs }: ResolutionFact,
): { reason: ResolutionRefusal; notBefore: Date } | undefined {
  const late = call === undefined && [...approvals, ...cancels].find((row) => isLate(row, at));
  if (!late || late.deadlineAt === null) return undefined;
  return { reason: "too-early", notBefore: new Date(late.deadlineAt.getTime() + sendingGraceMs) };
}

/** Returns why the resolution is refused; `undefined` if it is accepted. */
function whyNot(
  draft: Draft,
  call: CallRows | undefined,
  { outcome, tid, about, seenAt, corrects = false }: Resolution,
  at: Date,
): { reason: ResolutionRefusal; notBefore?: Date } | undefined {
  const { order } = draft;
  if (order.approvals.length === 0) return { reason: "no-such-order" };
  const approval = order.approvals.find(({ state }) => state === "unknown");
  if (
    !corrects &&
    approval !== undefined &&
    about !== "approval" &&
    netCancelOf(order, approval) !== undefined
  ) {
    return { reason: "approval-first" };
  }
  if (call === undefined) return { reason: corrects ? "nothing-to-correct" : "not-unknown" };
  // An operator who looked before this call was made saw an earlier call.
  const { createdAt } = call.kind === "cancel" ? call.cancel : call.approval;
  if (seenAt !== undefined && seenAt < createdAt) return { reason: "too-early", notBefore: createdAt };
  if (outcome === "not-moved") {
    const undoing = call.kind === "approval" ? netCancelOf(order, call.approval) : undefined;
    const silent = Math.max(
      ...[call, ...(undoing ? [undoing] : [])].map((each) => waitedUntil(each).getTime()),
    );
    const notBefore = provedBySilence(new Date(silent));
    const isEarly = at < notBefore || (seenAt !== undefined && seenAt < notBefore);
    return isEarly ? { reason: "too-early", notBefore } : undefined;
  }
  if (
    call.kind === "approval" &&
    call.approval.state === "awaiting_deposit" &&
    order.approvals.some(isLive)
  ) {
    return { reason: "paid-otherwise" };
  }
  if (tid === undefined) return call.kind === "approval" ? { reason: "tid-missing" } : undefined;
  // A transaction id that is in use is a typing error; accepted, it would lock two orders.
  const isOwn = call.kind === "approval" ? tid === call.approval.authTid : tid === call.cancel.cancelTid;
  const inUse = !isOwn && (isAnothers(draft, undefined, tid) || isAnotherCancels(draft, tid));
  return inUse ? { reason: "tid-known" } : undefined;
}

/** The time until which the call's reply, or the deposit, is awaited. */
function waitedUntil(call: CallRows): Date {
  if (call.kind === "cancel") return silentSince(call.cancel);
  const { approval } = call;
  return approval.payType === "vbank" ? accountDueAt(approval) : silentSince(approval);
}

/** Ends an approval or a virtual account. If no money moved, it ends the approval's net cancel too. */
function endApproval(
  draft: Draft,
  { approval }: Extract<CallRows, { kind: "approval" }>,
  resolution: Resolution,
  at: Date,
): void {
  const { corrects = false, actor, evidence } = resolution;
  const moved = resolution.outcome === "moved";
  const tid = resolution.tid ?? null;
  if (moved && corrects && tid !== null && anotherLives(draft.order, approval)) {
    // The order was paid again meanwhile: the corrected payment is a second one.
    const report = { facts: paymentFacts(tid, approval.price), by: "operator", at } as const;
    settleApproval(draft, approval, { ...report, note: { actor, evidence } });
    return;
  }
  const wasPaid = approval.state === "approved";
  // A deposit of an earlier price does not pay the order.
  const isExtra = moved && !wasPaid && approval.payType === "vbank" && isOutdated(draft.order, approval);
  const to: ApprovalState = isExtra ? "mismatch" : moved ? "approved" : "settled_not_moved";
  const row = draft.changeApproval(approval.id, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    // An open net cancel continues as the cancel of the payment.
    ...(to === "approved"
      ? { tid, remaining: approval.price, held: approval.openCancel === null ? 0 : approval.price }
      : { tid: isExtra ? tid : null, remaining: 0 }),
    ...(isExtra ? { reportedPrice: approval.price } : {}),
  });
  const call = { kind: "approval", approval: row } as const;
  addEntry(draft, call, resolution, { at, from: approval.state, to });
  if (isExtra) draft.post(call, at, row.price, "suspense");
  draft.post(call, at, row.remaining - approval.remaining, "paid");
  const undoing = moved ? undefined : netCancelOf(draft.order, row);
  if (undoing !== undefined) endCancel(draft, undoing, resolution, at);
}

function endCancel(draft: Draft, rows: CancelCall, resolution: Resolution, at: Date): void {
  const { approval, cancel } = rows;
  const moved = resolution.outcome === "moved";
  const to: CancelState = moved ? "done" : "settled_not_moved";
  const row = draft.changeCancel(cancel.id, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    cancelTid: moved ? (resolution.tid ?? null) : null,
  });
  if (resolution.corrects === true) {
    const given = (state: CancelState) => (state === "done" ? cancel.cancelPrice : 0);
    draft.changeApproval(approval.id, { remaining: approval.remaining + given(cancel.state) - given(to) });
  } else endHold(draft, rows, to);
  const call = { kind: "cancel", approval, cancel: row } as const;
  addEntry(draft, call, resolution, { at, from: cancel.state, to });
  // A net cancel of an approval that was never paid refunded nothing.
  const { remaining = 0 } = draft.order.approvals.find(({ id }) => id === approval.id) ?? {};
  draft.post(call, at, remaining - approval.remaining, "paid");
  checkNotice(draft, row, at);
}

function addEntry(
  draft: Draft,
  call: CallRows,
  { actor, evidence, tid, corrects }: Resolution,
  step: {
    readonly at: Date;
    readonly from: ApprovalState | CancelState;
    readonly to: ApprovalState | CancelState;
  },
): void {
  const entry = transitionOf(call, { ...step, actor });
  const what = corrects === true ? "correction" : entry.what;
  draft.audit({ ...entry, what, tid: tid ?? null, evidence });
}

/** Closes the review of an order: who reviewed it, and what they found and did. */
export interface ReviewNote {
  /** The name of the reviewer. */
  readonly actor: string;
  /** What was found and done, such as a refund in the console and its time. Stored permanently; must not contain card data. */
  readonly evidence: string;
  /** The number of entries that the reviewer saw in the order's `timeline()`. If there are more, the review stays open (`changed`). */
  readonly seenEntries: number;
}

/** The result of `closeReview`. */
export type ClosedReview =
  | { readonly status: "closed"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason:
        | "no-such-order"
        /** The order has no mismatch, or it was reviewed already. */
        | "needs-no-review"
        /** A call of the order is unknown: resolve it first. */
        | "outcome-unknown"
        /** The timeline has new entries: look at the order again. */
        | "changed";
      readonly order: OrderPayment | undefined;
    };

/** Removes an order from the list of orders that need review. Its status and its postings stay as they are. */
export function closeReview(
  draft: Draft,
  { note, at }: { readonly note: ReviewNote; readonly at: Date },
): ClosedReview {
  const { order: rows, orderId } = draft;
  const { actor, evidence, seenEntries } = note;
  const order = viewOrder(orderId, rows);
  if (order === undefined) return { status: "refused", reason: "no-such-order", order };
  const call = needingReview(rows);
  if (order.status !== "needs-review" || call === undefined || rows.reviewed) {
    return { status: "refused", reason: "needs-no-review", order };
  }
  if ([...rows.approvals, ...rows.cancels].some(({ state }) => state === "unknown")) {
    return { status: "refused", reason: "outcome-unknown", order };
  }
  if (rows.entries !== seenEntries) return { status: "refused", reason: "changed", order };
  const { state } = call.kind === "approval" ? call.approval : call.cancel;
  const entry = transitionOf(call, { at, from: state, to: state, actor });
  draft.review({ ...entry, price: null, evidence });
  return { status: "closed", order };
}

/** The call with the mismatch; the review note is added to its audit trail. */
function needingReview({ approvals, cancels }: OrderRows): CallRows | undefined {
  const states: readonly string[] = ["approved_mismatch", "approved_no_tid", "mismatch"];
  const approval = approvals.find((row) => row.mismatchAt !== null || states.includes(row.state));
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = cancels.find(({ state }) => state === "mismatch");
  const payment = approvals.find(({ id }) => id === cancel?.approvalId);
  return cancel && payment && { kind: "cancel", approval: payment, cancel };
}
