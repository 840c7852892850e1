import type { SettledFacts } from "./facts.js";
import {
  type CallRows,
  type Draft,
  entryOf,
  mismatchOf,
  noteMismatch,
  type Report,
  transitionOf,
} from "./order.js";
import {
  type ApprovalRow,
  type ApprovalState,
  liveApprovalStates,
  type OrderRows,
  type SettledBy,
} from "./rows.js";

/** What a report about a call does to its row. */
export type Step =
  /** The row takes the state the report proves. */
  | "move"
  /** The report says nothing new. */
  | "keep"
  /** As `keep`, but the reply of the call itself knows the transaction better than the notification that was first. */
  | "confirm"
  /** It does not match, but the state is still right about the money: it is kept as a mismatch. */
  | "note"
  /** As `note`, and money may have moved that the state does not include: the order needs review for good. */
  | "flag"
  /** Money may have moved in a call that had ended without any: the row itself needs review. */
  | "mismatch";

/**
 * "Order number already approved": the gateway has a payment with the order number of this attempt. Each number is used once, so the payment
 * was lost by this database, or is the attempt's own.
 */
const usedOidCodes: readonly (string | null)[] = ["1001"];

function isOidUsed({ resultCode }: SettledFacts): boolean {
  return usedOidCodes.includes(resultCode);
}

/** The state an approval would have if this report were all there is. */
export function approvalVerdict(
  asked: Pick<ApprovalRow, "price">,
  facts: SettledFacts,
  tidIsKnown: boolean,
): ApprovalState {
  switch (facts.outcome) {
    case "refused":
      return isOidUsed(facts) ? "unknown" : "declined";
    case "not-sent":
      return "not_sent";
    case "unknown":
      return "unknown";
    case "succeeded":
    case "moved": {
      if (facts.tid === null) return "approved_no_tid";
      if (tidIsKnown) return "mismatch";
      const asAsked = facts.reportedPrice === null || facts.reportedPrice === asked.price;
      return facts.outcome === "succeeded" && asAsked ? "approved" : "approved_mismatch";
    }
  }
}

const movedNothing: readonly ApprovalState[] = ["declined", "not_sent"];
const provesNothing: readonly ApprovalState[] = ["declined", "not_sent", "unknown"];

/**
 * What a report does to an approval. A state that locks the order is only ever left for a proof; a state that frees
 * the order is left as soon as anything speaks against it.
 */
export function approvalStep(
  row: Pick<ApprovalRow, "state" | "tid" | "authTid" | "settledBy">,
  verdict: ApprovalState,
  report: { readonly tid: string | null; readonly by: SettledBy },
): Step {
  const mayHaveMoved = !provesNothing.includes(verdict);
  switch (row.state) {
    case "reserved":
    case "sending":
      return "move";
    case "unknown":
      if (verdict === "unknown")
        return row.settledBy === "recovery" && report.by === "call" ? "move" : "keep";
      // Recovery guesses; the process that made the call does not. Once that process itself did not know, a later
      // "nothing was sent" can only be a mistake.
      if (verdict === "not_sent") return row.settledBy === "recovery" ? "move" : "note";
      return "move";
    case "approved":
      if (verdict === "unknown") return "keep";
      if (verdict !== "approved") return "flag";
      // The page gives an authentication and its approval one transaction each, or one for both.
      if (report.tid === row.tid || report.tid === row.authTid) return "keep";
      return row.settledBy === "notification" && row.tid === row.authTid && report.by === "call"
        ? "confirm"
        : "flag";
    case "approved_mismatch":
    case "approved_no_tid":
    case "mismatch":
      return verdict === "unknown" || (verdict === row.state && (row.tid ?? report.tid) === report.tid)
        ? "keep"
        : "note";
    case "declined":
      if (verdict === "declined" || verdict === "unknown") return "keep";
      return mayHaveMoved ? "mismatch" : "note";
    case "not_sent":
      if (verdict === "not_sent") return "keep";
      return mayHaveMoved || verdict === "unknown" ? "mismatch" : "note";
    case "awaiting_deposit":
      if (provesNothing.includes(verdict)) return "keep";
      return verdict === "approved" ? "move" : "mismatch";
    case "settled_not_moved":
    case "net_cancelled":
      // "Unknown" is why an operator looked or the call was undone, and "nothing moved" agrees with that.
      return verdict === "unknown" || movedNothing.includes(verdict) ? "keep" : "mismatch";
  }
}

/** Settles an approval with what was learnt of it, and returns how. */
export function settleApproval(draft: Draft, row: ApprovalRow, report: Report): Step {
  const { facts } = report;
  const tidIsKnown = facts.tid !== null && isAnothers(draft, row, facts.tid);
  const verdict = approvalVerdict(row, facts, tidIsKnown);
  const call = { kind: "approval", approval: row } as const;
  const wanted = approvalStep(row, verdict, { tid: facts.tid, by: report.by });
  // A second payment of an order cannot live beside the first one, and one of another amount than it costs pays nothing.
  const isDuplicate = row.state === "awaiting_deposit" && anotherLives(draft.order, row);
  const isExtra = wanted === "move" && (isDuplicate || report.isOutdated === true);
  // A deposit that came while another attempt lived is in the books already.
  const isKnown =
    wanted === "move" && row.state === "awaiting_deposit" && !isDuplicate && isBooked(row, facts);
  const isHeard = isKnown || isUndone(draft.order, row, verdict, report);
  const step = isHeard ? "keep" : isExtra ? "mismatch" : wanted;
  switch (step) {
    case "keep":
    case "note": {
      const booked = isHeard || tidIsKnown ? 0 : wonToBook(row, movedWon(row, verdict, report));
      if (booked > 0) draft.changeApproval(row.id, { reportedPrice: booked });
      if (booked > 0 || step === "note") noteMismatch(draft, call, report, booked);
      draft.post(call, report.at, booked, "suspense");
      break;
    }
    case "flag": {
      // A reply that differs from an approval may mean the same money; a notification of another transaction does not.
      const won = report.by === "notification" ? movedWon(row, verdict, report) : 0;
      bookUnlessKnown(draft, row, report, won, (booked) => flag(draft, call, report, booked));
      break;
    }
    case "mismatch":
      // Where another attempt lives, the row cannot come back to life: the order is flagged instead.
      bookUnlessKnown(draft, row, report, movedWon(row, verdict, report), (booked, won) => {
        if (anotherLives(draft.order, row)) flag(draft, call, report, booked);
        else move(draft, row, { to: "mismatch", report, tidIsKnown, bookedPrice: won, booked });
      });
      break;
    case "confirm":
      confirm(draft, row, report);
      break;
    case "move":
      move(draft, row, { to: verdict, report, tidIsKnown, bookedPrice: 0 });
  }
  return step;
}

/** Whether a transaction id belongs to another attempt than this one. */
export function isAnothers(draft: Draft, row: ApprovalRow | undefined, tid: string): boolean {
  if (row !== undefined && (tid === row.tid || tid === row.authTid)) return false;
  const { approvals, taken } = draft.order;
  return taken.tids.includes(tid) || approvals.some((other) => other.tid === tid || other.authTid === tid);
}

function flag(draft: Draft, call: CallRows, report: Report, booked: number): void {
  noteMismatch(draft, call, report, booked);
  draft.requireReview(call.approval.id, report.at);
}

/** The same money may have been reported, and booked, while another attempt lived. */
function bookUnlessKnown(
  draft: Draft,
  row: ApprovalRow,
  { facts, at }: Report,
  won: number,
  change: (booked: number, won: number) => void,
): void {
  const booked = isBooked(row, facts) ? 0 : won;
  change(booked, won);
  draft.post({ kind: "approval", approval: row }, at, booked, "suspense");
}

/** Won of money that surely moved, where only now is it known how much: the order needs review already. */
function wonToBook({ state, reportedPrice }: ApprovalRow, won: number): number {
  const isMoney = state === "approved_mismatch" || state === "approved_no_tid" || state === "mismatch";
  return isMoney && (reportedPrice ?? 0) === 0 ? won : 0;
}

function isBooked({ mismatches }: ApprovalRow, facts: Report["facts"]): boolean {
  return mismatches.some(
    ({ kind, booked = 0, tid }) =>
      // A reply that names no transaction is about its own call's.
      kind === "approval" && booked > 0 && (tid === facts.tid || tid === null || facts.tid === null),
  );
}

/** Whether a deposit to an account is in the books, though another attempt lived when it came. */
export function isDeposited({ mismatches }: ApprovalRow): boolean {
  return mismatches.some(({ kind, booked = 0 }) => kind === "approval" && booked > 0);
}

function confirm(draft: Draft, row: ApprovalRow, { facts, at, by }: Report): void {
  const { tid, applNum, at: approvedAt, resultCode, resultMessage } = facts;
  const approval = draft.changeApproval(row.id, {
    tid,
    applNum: applNum ?? row.applNum,
    approvedAt: approvedAt ?? row.approvedAt,
    resultCode,
    resultMessage,
    settledBy: by,
    settledAt: at,
  });
  draft.audit(transitionOf({ kind: "approval", approval }, { at, from: row.state, to: row.state, facts }));
}

function move(
  draft: Draft,
  row: ApprovalRow,
  how: {
    readonly to: ApprovalState;
    readonly report: Report;
    readonly tidIsKnown: boolean;
    readonly bookedPrice: number;
    readonly booked?: number;
  },
): void {
  const { to, report, tidIsKnown, bookedPrice, booked = 0 } = how;
  const { facts, at, by } = report;
  const approval = draft.changeApproval(row.id, {
    state: to,
    tid: tidIsKnown ? null : facts.tid,
    applNum: facts.applNum,
    approvedAt: facts.at,
    resultCode: facts.resultCode,
    resultMessage: facts.resultMessage,
    failureCode: facts.failureCode,
    // What a conflict keeps as its price is what was booked for it, and what the order shows as remaining.
    reportedPrice: to === "mismatch" ? bookedPrice : facts.reportedPrice,
    remaining: to === "approved" ? row.price : 0,
    // A net cancel that is under way cancels the payment that turned out to be one.
    held: to === "approved" && row.openCancel !== null ? row.price : 0,
    ...(to === "unknown" && row.authTid !== null ? { netCancelAt: at } : {}),
    settledBy: by,
    settledAt: at,
  });
  const call = { kind: "approval", approval } as const;
  const entry = entryOf(call, { from: row.state, to }, report);
  draft.audit(entry);
  // Heard again, it says nothing new.
  if (to === "mismatch") draft.addMismatch(row.id, { ...mismatchOf(call, entry), booked });
  if (to === "approved") draft.post(call, at, row.price, "paid");
  if (to === "approved_mismatch" || to === "approved_no_tid") {
    draft.post(call, at, facts.reportedPrice ?? 0, "suspense");
  }
}

/** Won that surely moved by this report; another payment's tid proves nothing about this one. */
function movedWon(row: ApprovalRow, verdict: ApprovalState, { facts }: Report): number {
  if (verdict === "approved") return row.price;
  return verdict === "approved_mismatch" || verdict === "approved_no_tid" ? (facts.reportedPrice ?? 0) : 0;
}

const mayBeUndone: readonly ApprovalState[] = ["approved", "approved_mismatch", "approved_no_tid"];

/**
 * The approval that a net cancel undid may be heard of after it: from the gateway's notification, or the process that
 * asked. The gateway's own clock distinguishes that from an approval after the cancel. Whatever else differs in the report, nothing
 * of the transaction is left.
 */
function isUndone(
  { cancels }: OrderRows,
  { id, state, authTid }: ApprovalRow,
  verdict: ApprovalState,
  { facts: { tid, at }, by }: Report,
): boolean {
  if (state !== "net_cancelled" || !mayBeUndone.includes(verdict) || at === null) return false;
  // The call's own reply is about its transaction, also when it does not name it.
  if (tid !== authTid && !(tid === null && by === "call")) return false;
  return cancels.some(
    ({ approvalId, netCancel, state, cancelledAt }) =>
      approvalId === id && netCancel && state === "done" && cancelledAt !== null && at <= cancelledAt,
  );
}

export function isLive({ state }: Pick<ApprovalRow, "state">): boolean {
  return (liveApprovalStates as readonly ApprovalState[]).includes(state);
}

function anotherLives({ approvals }: OrderRows, row: ApprovalRow): boolean {
  return approvals.some((other) => other.id !== row.id && isLive(other));
}
