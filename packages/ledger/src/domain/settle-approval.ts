import { methodOf, type SettledFacts } from "./facts.js";
import { type Draft, entryOf, mismatchOf, noteMismatch, type Report, transitionOf } from "./order.js";
import type { ApprovalRow, ApprovalState, CallRows, OrderRows, SettledBy } from "./rows.js";
import { isLive } from "./rows.js";

/** The effect of a report on its call's row. */
export type Step =
  /** The row gets the state that the report proves. */
  | "move"
  /** The report adds nothing. */
  | "keep"
  /** As `keep`, but a better proof: of what an operator stated; or a reply with a better transaction id than its notification. */
  | "confirm"
  /** The report does not match, but the state is still right about the money: it is stored as a mismatch. */
  | "note"
  /** As `note`, and money may have moved that the state does not include: the order needs review permanently. */
  | "flag"
  /** Money may have moved in a call that had ended without moving any: the row's own state becomes a mismatch. */
  | "mismatch";

/**
 * "Order number already approved": the gateway has a payment with the order number of this attempt. Each number is used once, so the payment
 * was lost by this database, or is the attempt's own.
 */
const usedOidCodes: readonly (string | null)[] = ["1001"];

function isOidUsed({ resultCode }: SettledFacts): boolean {
  return usedOidCodes.includes(resultCode);
}

/** The state that this report alone would give an approval. */
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
 * Decides the effect of a report on an approval. Only a proof changes a state that locks the order. Any evidence of money changes a
 * state that unlocks it.
 */
export function approvalStep(
  row: Pick<ApprovalRow, "state" | "tid" | "authTid" | "settledBy">,
  verdict: ApprovalState,
  report: { readonly tid: string | null; readonly by: SettledBy },
): Step {
  const mayHaveMoved = !provesNothing.includes(verdict);
  // Until now only an operator has said so, and could correct it.
  const isProof = row.settledBy === "operator" && report.by !== "operator";
  switch (row.state) {
    case "reserved":
    case "sending":
      return "move";
    case "unknown":
      if (verdict === "unknown")
        return row.settledBy === "recovery" && report.by === "call" ? "move" : "keep";
      // Recovery assumes an outcome; the process that made the call knows it. Once that process has reported `unknown`, a later
      // `not-sent` can only be a mistake.
      if (verdict === "not_sent") return row.settledBy === "recovery" ? "move" : "note";
      return "move";
    case "approved":
      if (verdict === "unknown") return "keep";
      if (verdict !== "approved") return "flag";
      // On the page, an authentication and its approval may have one transaction id each, or share one.
      if (report.tid === row.tid && isProof) return "confirm";
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
      if (movedNothing.includes(verdict) && isProof) return "confirm";
      // `unknown` was the reason for the resolution or the net cancel, and `not-moved` agrees with both.
      return verdict === "unknown" || movedNothing.includes(verdict) ? "keep" : "mismatch";
  }
}

/** Settles an approval by a report, and returns the effect. */
export function settleApproval(draft: Draft, row: ApprovalRow, report: Report): Step {
  const { facts } = report;
  const tidIsKnown = facts.tid !== null && isAnothers(draft, row, facts.tid);
  const verdict = approvalVerdict(row, facts, tidIsKnown);
  const call = { kind: "approval", approval: row } as const;
  const wanted = approvalStep(row, verdict, { tid: facts.tid, by: report.by });
  // A second payment can't be active beside the first one, and a payment of another amount does not pay the order.
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
      // A reply that differs from an approval may be about the same money; a notification of another transaction is not.
      const won = report.by === "notification" ? movedWon(row, verdict, report) : 0;
      bookUnlessKnown(draft, row, report, won, (booked) => flag(draft, call, report, booked));
      break;
    }
    case "mismatch":
      // If another attempt is active, the row can't become active again: the order is flagged instead.
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

/** Returns whether a transaction id belongs to another attempt. */
export function isAnothers(draft: Draft, row: ApprovalRow | undefined, tid: string): boolean {
  if (row !== undefined && (tid === row.tid || tid === row.authTid)) return false;
  const { approvals, taken } = draft.order;
  return taken.tids.includes(tid) || approvals.some((other) => other.tid === tid || other.authTid === tid);
}

function flag(draft: Draft, call: CallRows, report: Report, booked: number): void {
  noteMismatch(draft, call, report, booked);
  draft.requireReview(call.approval.id, report.at);
}

/** Books the money, unless it was booked already when another attempt was active. */
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

/** The amount of money that certainly moved and whose amount was unknown until now; the order needs review already. */
function wonToBook({ state, reportedPrice }: ApprovalRow, won: number): number {
  const isMoney = state === "approved_mismatch" || state === "approved_no_tid" || state === "mismatch";
  return isMoney && (reportedPrice ?? 0) === 0 ? won : 0;
}

function isBooked({ mismatches }: ApprovalRow, facts: Report["facts"]): boolean {
  return mismatches.some(
    ({ kind, booked = 0, tid }) =>
      // A reply without a transaction id is about its own call's transaction.
      kind === "approval" && booked > 0 && (tid === facts.tid || tid === null || facts.tid === null),
  );
}

/** Returns whether a deposit is in the books although another attempt was active when it arrived. */
export function isDeposited({ mismatches }: ApprovalRow): boolean {
  return mismatches.some(({ kind, booked = 0 }) => kind === "approval" && booked > 0);
}

function confirm(draft: Draft, row: ApprovalRow, { facts, at, by }: Report): void {
  const { tid, applNum, at: approvedAt, resultCode, resultMessage } = facts;
  const approval = draft.changeApproval(row.id, {
    tid,
    applNum: applNum ?? row.applNum,
    ...methodOf(facts, row),
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
    ...methodOf(facts, row),
    approvedAt: facts.at,
    resultCode: facts.resultCode,
    resultMessage: facts.resultMessage,
    failureCode: facts.failureCode,
    // A mismatch's price is the booked amount, which the order shows as remaining.
    reportedPrice: to === "mismatch" ? bookedPrice : facts.reportedPrice,
    remaining: to === "approved" ? row.price : 0,
    // A net cancel in flight becomes the cancel of the payment.
    held: to === "approved" && row.openCancel !== null ? row.price : 0,
    ...(to === "unknown" && row.authTid !== null ? { netCancelAt: at } : {}),
    settledBy: by,
    settledAt: at,
  });
  const call = { kind: "approval", approval } as const;
  const entry = entryOf(call, { from: row.state, to }, report);
  draft.audit(entry);
  // A repeated report adds nothing.
  if (to === "mismatch") draft.addMismatch(row.id, { ...mismatchOf(call, entry), booked });
  if (to === "approved") draft.post(call, at, row.price, "paid");
  if (to === "approved_mismatch" || to === "approved_no_tid") {
    draft.post(call, at, facts.reportedPrice ?? 0, "suspense");
  }
}

/** The amount that this report proves to have moved; another payment's transaction id proves nothing about this one. */
function movedWon(row: ApprovalRow, verdict: ApprovalState, { facts }: Report): number {
  if (verdict === "approved") return row.price;
  return verdict === "approved_mismatch" || verdict === "approved_no_tid" ? (facts.reportedPrice ?? 0) : 0;
}

const mayBeUndone: readonly ApprovalState[] = ["approved", "approved_mismatch", "approved_no_tid"];

/**
 * An approval may be reported after a net cancel undid it: by a notification, or by the process that made the call. The gateway's time
 * distinguishes this from an approval after the cancel. The money of the transaction was refunded, even if the report differs
 * otherwise.
 */
function isUndone(
  { cancels }: OrderRows,
  { id, state, authTid }: ApprovalRow,
  verdict: ApprovalState,
  { facts: { tid, at }, by }: Report,
): boolean {
  if (state !== "net_cancelled" || !mayBeUndone.includes(verdict) || at === null) return false;
  // The call's own reply is about its transaction, even without a transaction id.
  if (tid !== authTid && !(tid === null && by === "call")) return false;
  return cancels.some(
    ({ approvalId, netCancel, state, cancelledAt }) =>
      approvalId === id && netCancel && state === "done" && cancelledAt !== null && at <= cancelledAt,
  );
}

/** Returns whether another attempt of the order is active. */
export function anotherLives({ approvals }: OrderRows, row: ApprovalRow): boolean {
  return approvals.some((other) => other.id !== row.id && isLive(other));
}
