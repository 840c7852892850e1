import type { OrderPayment } from "@payapi/core";
import { accountDueAt, isLate, isOutdated, provedBySilence, silentSince } from "./deadlines.js";
import { checkNotice } from "./escrow-cancels.js";
import type { Resolution } from "./facts.js";
import type { CallRows, CancelCall, Draft } from "./order.js";
import { transitionOf } from "./order.js";
import { viewOrder } from "./order-status.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type CancelState,
  type OrderRows,
  openCancelStates,
} from "./rows.js";
import { isAnothers, isDeposited, isLive } from "./settle-approval.js";
import { endHold, isAnotherCancels } from "./settle-cancel.js";

/** What came of an operator's finding. */
export type ResolutionResult =
  | { readonly status: "settled"; readonly kind: "approval" | "cancel"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason: ResolutionRefusal;
      readonly order: OrderPayment | undefined;
      /** For `too-early`: when it may be settled so. */
      readonly notBefore?: Date;
    };

/** Why a finding changes nothing. */
export type ResolutionRefusal =
  /** No payment of this order was ever tried. */
  | "no-such-order"
  /** The order has no call whose outcome is unknown, and no virtual account that waits for a deposit. */
  | "not-unknown"
  /**
   * An approval and the net cancel that was to undo it are both unknown: say what became of the approval, with `about`.
   * What was found out about the cancel could be taken for the payment's.
   */
  | "approval-first"
  /**
   * The gateway may still carry the call out: `not-moved` is believed 10 minutes after its deadline. Or the process that made it
   * may still hear of it: nothing is believed before `recover()` would take it for unknown.
   */
  | "too-early"
  /** An approval that moved money has a transaction id, and without it the payment could never be cancelled. */
  | "tid-missing"
  /** Another payment or cancel has this transaction id. */
  | "tid-known"
  /** A deposit came for an order that another payment lives of: release its notification, which books it. */
  | "paid-otherwise";

interface ResolutionFact {
  readonly finding: Resolution;
  readonly at: Date;
  /** How long after its deadline recovery takes a call for unknown. */
  readonly sendingGraceMs: number;
}

/**
 * Ends an unknown call, or an account that waits for a deposit, with what an operator found out. It never overwrites a fact. A later fact
 * that differs from it overrules it: the order then needs review.
 */
export function resolve(draft: Draft, resolution: ResolutionFact): ResolutionResult {
  const { orderId, order } = draft;
  const { finding, at } = resolution;
  const call = unknownCall(order, finding);
  const refusal = whyNotYet(order, call, resolution) ?? whyNot(draft, call, finding, at);
  if (refusal !== undefined || call === undefined) {
    return { status: "refused", ...(refusal ?? { reason: "not-unknown" }), order: viewOrder(orderId, order) };
  }
  if (call.kind === "approval") endApproval(draft, call, finding, at);
  else endCancel(draft, call, finding, at);
  const settled = viewOrder(orderId, draft.order);
  if (settled === undefined) throw new Error("A settled call has no order");
  return { status: "settled", kind: call.kind, order: settled };
}

/**
 * An unknown approval is live, so there is no other. It comes before the net cancel that was to undo it: what came of
 * that one means nothing without it. An account that waits for a deposit blocks nothing, so it comes last.
 */
function unknownCall(rows: OrderRows, finding: Resolution): CallRows | undefined {
  const call = firstUnknown(rows, finding);
  return finding.about === undefined || finding.about === call?.kind ? call : undefined;
}

function firstUnknown(rows: OrderRows, finding: Resolution): CallRows | undefined {
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = rows.cancels.find(({ state }) => state === "unknown");
  const payment = rows.approvals.find(({ id }) => id === cancel?.approvalId);
  if (cancel !== undefined && payment !== undefined) return { kind: "cancel", approval: payment, cancel };
  const account = accountOf(rows, finding);
  return account && { kind: "approval", approval: account };
}

/** The virtual account with this transaction, if several wait; otherwise the newest. */
function accountOf({ approvals }: OrderRows, { tid }: Resolution): ApprovalRow | undefined {
  const waiting = approvals.filter((row) => row.state === "awaiting_deposit" && !isDeposited(row));
  return waiting.find(({ authTid }) => authTid === tid) ?? waiting.at(-1);
}

/** The net cancel that is to undo an unknown approval, if it did not end. */
function netCancelOf(rows: OrderRows, approval: ApprovalRow): CancelCall | undefined {
  const open: readonly CancelState[] = openCancelStates;
  // One that went otherwise than asked has ended, and keeps its hold all the same.
  const cancel = rows.cancels.find(({ id, state }) => id === approval.openCancel && open.includes(state));
  return cancel && { kind: "cancel", approval, cancel };
}

/** Nothing of the order is unknown, but a call should have been answered by now: its process may still hear of it. */
function whyNotYet(
  { approvals, cancels }: OrderRows,
  call: CallRows | undefined,
  { at, sendingGraceMs }: ResolutionFact,
): { reason: ResolutionRefusal; notBefore: Date } | undefined {
  const late = call === undefined && [...approvals, ...cancels].find((row) => isLate(row, at));
  if (!late || late.deadlineAt === null) return undefined;
  return { reason: "too-early", notBefore: new Date(late.deadlineAt.getTime() + sendingGraceMs) };
}

/** Why the finding is not believed, or not yet. */
function whyNot(
  draft: Draft,
  call: CallRows | undefined,
  { outcome, tid, about, seenAt }: Resolution,
  at: Date,
): { reason: ResolutionRefusal; notBefore?: Date } | undefined {
  const { order } = draft;
  if (order.approvals.length === 0) return { reason: "no-such-order" };
  const approval = order.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined && about !== "approval" && netCancelOf(order, approval) !== undefined) {
    return { reason: "approval-first" };
  }
  if (call === undefined) return { reason: "not-unknown" };
  // An operator who looked before the call was made saw another one, which has been resolved since.
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
  // A transaction id that is in use was mistyped; taken as a fact, it would lock two orders.
  const isOwn = call.kind === "approval" && tid === call.approval.authTid;
  const inUse = (!isOwn && isAnothers(draft, undefined, tid)) || isAnotherCancels(draft, tid);
  return inUse ? { reason: "tid-known" } : undefined;
}

/** When the call's reply, or the deposit, is no longer waited for. */
function waitedUntil(call: CallRows): Date {
  if (call.kind === "cancel") return silentSince(call.cancel);
  const { approval } = call;
  return approval.state === "awaiting_deposit" ? accountDueAt(approval) : silentSince(approval);
}

/** Ends an approval, or an account that waits for a deposit, and with it the net cancel of what moved nothing. */
function endApproval(
  draft: Draft,
  { approval }: Extract<CallRows, { kind: "approval" }>,
  finding: Resolution,
  at: Date,
): void {
  const moved = finding.outcome === "moved";
  const tid = finding.tid ?? null;
  // A deposit of an earlier price does not pay the order, whoever reports it.
  const isExtra = moved && approval.state === "awaiting_deposit" && isOutdated(draft.order, approval);
  const to: ApprovalState = isExtra ? "mismatch" : moved ? "approved" : "settled_not_moved";
  const row = draft.changeApproval(approval.id, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(isExtra ? { tid, reportedPrice: approval.price } : {}),
    // A net cancel that did not end goes on as the cancel of the payment.
    ...(to === "approved"
      ? { tid, remaining: approval.price, held: approval.openCancel === null ? 0 : approval.price }
      : {}),
  });
  const call = { kind: "approval", approval: row } as const;
  addEntry(draft, call, finding, { at, from: approval.state, to });
  if (isExtra) draft.post(call, at, row.price, "suspense");
  if (to === "approved") draft.post(call, at, row.price, "paid");
  const undoing = moved ? undefined : netCancelOf(draft.order, row);
  if (undoing !== undefined) endCancel(draft, undoing, finding, at);
}

function endCancel(draft: Draft, rows: CancelCall, finding: Resolution, at: Date): void {
  const { approval, cancel } = rows;
  const moved = finding.outcome === "moved";
  const to: CancelState = moved ? "done" : "settled_not_moved";
  const row = draft.changeCancel(cancel.id, {
    state: to,
    settledBy: "operator",
    settledAt: at,
    ...(moved ? { cancelTid: finding.tid ?? null } : {}),
  });
  endHold(draft, rows, to);
  const call = { kind: "cancel", approval, cancel: row } as const;
  addEntry(draft, call, finding, { at, from: cancel.state, to });
  // A net cancel of what was no payment gave nothing back.
  if (moved && approval.state === "approved") draft.post(call, at, -row.cancelPrice, "paid");
  checkNotice(draft, row, at);
}

function addEntry(
  draft: Draft,
  call: CallRows,
  { actor, evidence, tid }: Resolution,
  step: {
    readonly at: Date;
    readonly from: ApprovalState | CancelState;
    readonly to: ApprovalState | CancelState;
  },
): void {
  draft.audit({ ...transitionOf(call, { ...step, actor }), tid: tid ?? null, evidence });
}

/** The word of a person who dealt with an order that needs review. */
export interface ReviewNote {
  /** Who says so. */
  readonly actor: string;
  /** What was found and done, such as a refund in the console and its time; kept for ever. Not for card data. */
  readonly evidence: string;
  /** How many lines the order's `timeline()` had then: what came after them was not seen, and is not dealt with. */
  readonly seenEntries: number;
}

/** What came of such a word. */
export type ClosedReview =
  | { readonly status: "closed"; readonly order: OrderPayment }
  | {
      readonly status: "refused";
      readonly reason:
        | "no-such-order"
        /** The order has no mismatch, or it was reviewed already. */
        | "needs-no-review"
        /** A call of the order is unknown: settle it first. */
        | "outcome-unknown"
        /** Something more was heard of the order since: look at it again. */
        | "changed";
      readonly order: OrderPayment | undefined;
    };

/** Takes an order off the list of those to be reviewed. No fact is changed by it: its status stays, and so do the books. */
export function closeReview(
  draft: Draft,
  { word, at }: { readonly word: ReviewNote; readonly at: Date },
): ClosedReview {
  const { order: rows, orderId } = draft;
  const { actor, evidence, seenEntries } = word;
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

/** The call that the order needs review for, and the word is written to. */
function needingReview({ approvals, cancels }: OrderRows): CallRows | undefined {
  const states: readonly string[] = ["approved_mismatch", "approved_no_tid", "mismatch"];
  const approval = approvals.find((row) => row.mismatchAt !== null || states.includes(row.state));
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = cancels.find(({ state }) => state === "mismatch");
  const payment = approvals.find(({ id }) => id === cancel?.approvalId);
  return cancel && payment && { kind: "cancel", approval: payment, cancel };
}
