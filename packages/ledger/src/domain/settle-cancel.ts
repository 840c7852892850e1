import { LedgerError } from "../errors.js";
import { firstRepeatAt } from "./deadlines.js";
import { bookedFor, checkNotice } from "./escrow-cancels.js";
import type { SettledFacts } from "./facts.js";
import { actorOf, type Draft, mismatchOf, noteMismatch, type Report, transitionOf } from "./order.js";
import type { CancelCall, CancelRow, CancelState, SettledBy } from "./rows.js";
import type { Step } from "./settle-approval.js";

/** The state that this report alone would give a cancel. */
export function cancelVerdict(
  asked: Pick<CancelRow, "cancelPrice" | "confirmPrice">,
  facts: SettledFacts,
  cancelTidIsKnown: boolean,
): CancelState {
  switch (facts.outcome) {
    case "refused":
      return "refused";
    case "not-sent":
      return "not_sent";
    case "unknown":
      return "unknown";
    case "moved":
      return "mismatch";
    case "succeeded": {
      const asAsked =
        (facts.reportedPrice === null || facts.reportedPrice === asked.cancelPrice) &&
        (facts.reportedRemaining === null || facts.reportedRemaining === asked.confirmPrice);
      return asAsked && !cancelTidIsKnown ? "done" : "mismatch";
    }
  }
}

/**
 * The state of a cancel that the gateway refuses because the transaction is already cancelled. If it was sent before with an unknown
 * outcome, either that first call or the gateway's console refunded everything, once. For a partial cancel this proves nothing. If it
 * was sent only once, the refund was made outside the shop.
 */
export function alreadyCancelledVerdict(
  row: Pick<CancelRow, "state" | "operation" | "repeats" | "settledBy">,
): CancelState {
  const isWhole = row.operation === "payments.cancel";
  switch (row.state) {
    case "unknown":
      if (row.repeats === 0 && row.settledBy === "recovery") return "mismatch";
      return isWhole ? "done" : "refused";
    case "done":
      return isWhole ? "done" : "refused";
    case "mismatch":
      return "refused";
    default:
      return "mismatch";
  }
}

/** Decides the effect of a report on a cancel, as for approvals except where noted. */
export function cancelStep(
  row: Pick<CancelRow, "state" | "cancelTid" | "settledBy" | "repeats">,
  verdict: CancelState,
  report: { readonly cancelTid: string | null; readonly by: SettledBy },
): Step {
  const mayHaveMoved = verdict === "done" || verdict === "mismatch";
  switch (row.state) {
    case "reserved":
    case "sending":
      return "move";
    case "unknown":
      if (verdict === "unknown")
        return row.settledBy === "recovery" && report.by === "call" ? "move" : "keep";
      // Unlike an approval, a cancel may be repeated. A refusal after an unknown outcome does not prove which of the two calls was
      // refused.
      return mayHaveMoved || (row.settledBy === "recovery" && row.repeats === 0) ? "move" : "note";
    case "done":
      if (verdict === "unknown") return "keep";
      if (row.settledBy === "operator") return verdict === "done" && agrees(row, report) ? "confirm" : "flag";
      if (verdict === "done" && row.cancelTid === report.cancelTid) return "keep";
      return mayHaveMoved ? "flag" : "note";
    case "refused":
      if (verdict === "refused" || verdict === "unknown") return "keep";
      return mayHaveMoved ? "mismatch" : "note";
    case "not_sent":
      if (verdict === "not_sent") return "keep";
      return mayHaveMoved || verdict === "unknown" ? "mismatch" : "note";
    case "settled_not_moved":
      if (mayHaveMoved) return "mismatch";
      return verdict !== "unknown" && row.repeats === 0 && row.settledBy === "operator" ? "confirm" : "keep";
    case "mismatch":
      return verdict === "mismatch" || verdict === "unknown" ? "keep" : "note";
  }
}

/** A resolution may lack the cancel's own transaction id, and so does the reply to a full cancel. */
function agrees(row: Pick<CancelRow, "cancelTid">, report: { readonly cancelTid: string | null }): boolean {
  return row.cancelTid === null || report.cancelTid === null || row.cancelTid === report.cancelTid;
}

/** Result codes by which the gateway refuses to cancel an already cancelled payment. */
export type AlreadyCancelledCodes = readonly string[];

/** The state that these facts alone would give a cancel, ignoring its transaction id. */
export function verdictOf(codes: AlreadyCancelledCodes, rows: CancelCall, facts: SettledFacts): CancelState {
  return saysAlreadyCancelled(codes, rows, facts)
    ? alreadyVerdict(rows)
    : cancelVerdict(rows.cancel, facts, false);
}

/** Escrow purchases have their own codes. */
function saysAlreadyCancelled(
  codes: AlreadyCancelledCodes,
  { cancel: { operation } }: CancelCall,
  { outcome, resultCode }: SettledFacts,
): boolean {
  const isPlain = operation === "payments.cancel" || operation === "payments.cancelPartially";
  return isPlain && outcome === "refused" && resultCode !== null && codes.includes(resultCode);
}

/** A reversal by the bank or a refund in the gateway's console explains the refusal: its money is booked already. */
function alreadyVerdict({ approval, cancel }: CancelCall): CancelState {
  const isRefunded = approval.mismatches.some(
    ({ kind }) => kind === "reversal" || kind === "cancelled-elsewhere",
  );
  return isRefunded && cancel.state !== "done" ? "refused" : alreadyCancelledVerdict(cancel);
}

/** Settles a cancel by a report. */
export function settleCancel(
  draft: Draft,
  rows: CancelCall,
  report: Report,
  codes: AlreadyCancelledCodes,
): void {
  const { facts } = report;
  const { cancel, approval } = rows;
  const isAlready = saysAlreadyCancelled(codes, rows, facts);
  // Such a refusal has no transaction id of the cancel.
  const cancelTid = isAlready ? cancel.cancelTid : facts.cancelTid;
  const cancelTidIsKnown =
    cancelTid !== null && cancelTid !== cancel.cancelTid && isAnotherCancels(draft, cancelTid);
  const verdict = isAlready ? alreadyVerdict(rows) : cancelVerdict(cancel, facts, cancelTidIsKnown);
  const won = cancelTidIsKnown ? 0 : movedBack(rows, verdict, report);
  const refunded = won === 0 ? 0 : -won;
  if (
    cancel.state === "mismatch" &&
    isBooked(rows) &&
    bookedFor(approval, cancel.id) === 0 &&
    refunded !== 0
  ) {
    // The refunded amount was unknown until now; the order needs review already.
    noteMismatch(draft, rows, report, -refunded);
    draft.post(rows, report.at, refunded, "suspense");
    return;
  }
  switch (cancelStep(cancel, verdict, { cancelTid, by: report.by })) {
    case "keep":
      return;
    case "confirm":
      // A cancel that an operator stated is not done only since the gateway said "already": no failure is kept of it.
      confirm(draft, rows, isAlready ? { ...report, facts: { ...facts, failureCode: null } } : report);
      return;
    case "note":
      noteMismatch(draft, rows, report);
      return;
    case "flag":
      noteMismatch(draft, rows, report);
      draft.requireReview(approval.id, report.at);
      return;
    case "mismatch":
      // Its hold was released and may belong to another cancel, so nothing is deducted: the whole payment is flagged.
      move(draft, rows, { to: "mismatch", report, cancelTidIsKnown, refunded });
      draft.requireReview(approval.id, report.at);
      if (isBooked(rows)) draft.post(rows, report.at, refunded, "suspense");
      return;
    case "move":
      move(draft, rows, { to: verdict, report, cancelTidIsKnown, refunded });
      if (!isBooked(rows)) {
        endNetCancel(draft, rows, verdict, report);
        return;
      }
      endHold(draft, rows, verdict);
      if (verdict === "done") draft.post(rows, report.at, -cancel.cancelPrice, "paid");
      checkNotice(draft, cancel, report.at);
      if (verdict === "mismatch") draft.post(rows, report.at, refunded, "suspense");
  }
}

/** The report proves what an operator stated. */
function confirm(draft: Draft, { approval, cancel }: CancelCall, report: Report): void {
  const { facts, at, by: settledBy } = report;
  const { resultCode, resultMessage, failureCode, reportedPrice, reportedRemaining } = facts;
  const reply = { resultCode, resultMessage, failureCode, reportedPrice, reportedRemaining };
  const cancelTid = cancel.cancelTid ?? (cancel.state === "done" ? facts.cancelTid : null);
  const row = draft.changeCancel(cancel.id, { ...reply, cancelTid, settledBy, settledAt: at });
  const call = { kind: "cancel", approval, cancel: row } as const;
  const { state } = cancel;
  draft.audit(transitionOf(call, { at, from: state, to: state, actor: actorOf(call, report), facts }));
}

/** Returns whether a transaction id belongs to another cancel. */
export function isAnotherCancels(draft: Draft, cancelTid: string): boolean {
  const { cancels, taken } = draft.order;
  return taken.cancelTids.includes(cancelTid) || cancels.some((other) => other.cancelTid === cancelTid);
}

/** Returns whether the payment is in the books: a net cancel may end before its payment is known. */
function isBooked({ approval, cancel }: CancelCall): boolean {
  return !cancel.netCancel || approval.state === "approved";
}

function move(
  draft: Draft,
  { approval, cancel }: CancelCall,
  how: {
    readonly to: CancelState;
    readonly report: Report;
    readonly cancelTidIsKnown: boolean;
    readonly refunded: number;
  },
): void {
  const { to, report, cancelTidIsKnown, refunded } = how;
  const { facts, at, by } = report;
  const moved = draft.changeCancel(cancel.id, {
    state: to,
    cancelTid: cancelTidIsKnown ? null : facts.cancelTid,
    // The gateway's time, or now.
    cancelledAt: facts.at ?? (to === "done" && facts.outcome === "refused" ? at : null),
    resultCode: facts.resultCode,
    resultMessage: facts.resultMessage,
    failureCode: facts.failureCode,
    reportedPrice: facts.reportedPrice,
    reportedRemaining: facts.reportedRemaining,
    settledBy: by,
    settledAt: at,
    ...(to === "unknown" ? firstRepeatAt(cancel, at) : {}),
  });
  const call = { kind: "cancel", approval, cancel: moved } as const;
  const entry = transitionOf(call, { at, from: cancel.state, to, actor: actorOf(call, report), facts });
  draft.audit(entry);
  // A repeated report adds nothing.
  const booked = isBooked(call) ? -refunded : 0;
  if (to === "mismatch") draft.addMismatch(approval.id, { ...mismatchOf(call, entry), booked });
}

/** The amount that a report proves to be refunded, in won. */
function movedBack({ cancel }: CancelCall, verdict: CancelState, { facts }: Report): number {
  if (verdict === "done") return cancel.cancelPrice;
  // An amount in a refusal did not move by this cancel.
  return verdict === "mismatch" && facts.outcome !== "refused" ? (facts.reportedPrice ?? 0) : 0;
}

/** Releases a cancel's hold. Unknown and mismatched cancels keep it, so that nothing more can be cancelled. */
export function endHold(draft: Draft, { approval, cancel }: CancelCall, to: CancelState): void {
  if (to === "unknown" || to === "mismatch") return;
  if (approval.openCancel !== cancel.id) {
    throw new LedgerError("broken-rule", "An open cancel has lost its hold");
  }
  const remaining = to === "done" ? approval.remaining - approval.held : approval.remaining;
  if (to === "done" && remaining !== cancel.confirmPrice) {
    throw new LedgerError("broken-rule", "Another amount remains than the cancel confirmed");
  }
  draft.changeApproval(approval.id, { openCancel: null, held: 0, remaining });
}

/**
 * Applies the end of a net cancel to an approval that is not paid in the books. It undoes only an unknown approval. An approval that
 * was reported meanwhile stays, since the gateway may have processed either call first.
 */
function endNetCancel(draft: Draft, rows: CancelCall, to: CancelState, report: Report): void {
  const { approval, cancel } = rows;
  if (to === "unknown") return;
  if (to === "mismatch") {
    draft.requireReview(approval.id, report.at);
    return;
  }
  const freed = approval.openCancel === cancel.id ? { openCancel: null, held: 0 } : {};
  if (approval.state !== "unknown") {
    draft.changeApproval(approval.id, freed);
  } else if (to !== "done") {
    draft.changeApproval(approval.id, { ...freed, netCancelAt: report.at });
  } else {
    const { by: settledBy, at } = report;
    const change = { ...freed, state: "net_cancelled", settledBy, settledAt: at } as const;
    const undone = draft.changeApproval(approval.id, change);
    draft.audit(
      transitionOf(
        { kind: "approval", approval: undone },
        { at, from: "unknown", to: "net_cancelled", actor: actorOf(rows, report) },
      ),
    );
  }
}
