import { LedgerError } from "../errors.js";
import { alreadyCancelledVerdict, cancelStep, cancelVerdict } from "./cancel-rules.js";
import { bookedFor, checkNotice } from "./escrow-cancels.js";
import { actorOf, mismatchOf, noteMismatch, type Report } from "./mismatches.js";
import type { CancelCall, Draft } from "./order.js";
import type { SettledFacts } from "./reply-facts.js";
import { firstRepeatAt } from "./retry-schedule.js";
import type { CancelState } from "./rows.js";
import { transitionOf } from "./transitions.js";

/** Result codes by which the gateway refuses to cancel what is cancelled already. */
export type AlreadyCancelledCodes = readonly string[];

/** The state a cancel would have if these facts were all there is; about its transaction they say nothing new. */
export function verdictOf(codes: AlreadyCancelledCodes, rows: CancelCall, facts: SettledFacts): CancelState {
  return saysAlreadyCancelled(codes, rows, facts)
    ? alreadyVerdict(rows)
    : cancelVerdict(rows.cancel, facts, false);
}

/** An escrow purchase has codes of its own. */
function saysAlreadyCancelled(
  codes: AlreadyCancelledCodes,
  { cancel: { operation } }: CancelCall,
  { outcome, resultCode }: SettledFacts,
): boolean {
  const isPlain = operation === "payments.cancel" || operation === "payments.cancelPartially";
  return isPlain && outcome === "refused" && resultCode !== null && codes.includes(resultCode);
}

/** A deposit that the bank took back explains the refusal: its money is booked out by the reversal. */
function alreadyVerdict({ approval, cancel }: CancelCall): CancelState {
  const isReversed = approval.mismatches.some(({ kind }) => kind === "reversal");
  return isReversed && cancel.state !== "done" ? "refused" : alreadyCancelledVerdict(cancel);
}

/** Settles a cancel with what was learnt of it. */
export function settleCancel(
  draft: Draft,
  rows: CancelCall,
  report: Report,
  codes: AlreadyCancelledCodes,
): void {
  const { facts } = report;
  const { cancel, approval } = rows;
  const isAlready = saysAlreadyCancelled(codes, rows, facts);
  // Such a refusal knows of no transaction of the cancel's own.
  const cancelTid = isAlready ? cancel.cancelTid : facts.cancelTid;
  const cancelTidIsKnown =
    cancelTid !== null && cancelTid !== cancel.cancelTid && isAnotherCancels(draft, cancelTid);
  const verdict = isAlready ? alreadyVerdict(rows) : cancelVerdict(cancel, facts, cancelTidIsKnown);
  const won = cancelTidIsKnown ? 0 : movedBack(rows, verdict, report);
  const givenBack = won === 0 ? 0 : -won;
  if (cancel.state === "drift" && isBooked(rows) && bookedFor(approval, cancel.id) === 0 && givenBack !== 0) {
    // Money went back, and only now is it known how much: the order needs review already.
    noteMismatch(draft, rows, report, -givenBack);
    draft.post(rows, report.at, givenBack, "unexplained");
    return;
  }
  switch (cancelStep(cancel, verdict, { cancelTid, by: report.by })) {
    case "keep":
      return;
    case "note":
      noteMismatch(draft, rows, report);
      return;
    case "flag":
      noteMismatch(draft, rows, report);
      draft.contradict(approval.id, report.at);
      return;
    case "conflict":
      // Its hold is gone and may be another's by now, so nothing is taken: the payment is flagged as a whole.
      move(draft, rows, { to: "drift", report, cancelTidIsKnown, givenBack });
      draft.contradict(approval.id, report.at);
      if (isBooked(rows)) draft.post(rows, report.at, givenBack, "unexplained");
      return;
    case "move":
      move(draft, rows, { to: verdict, report, cancelTidIsKnown, givenBack });
      if (!isBooked(rows)) {
        endNetworkCancel(draft, rows, verdict, report);
        return;
      }
      endHold(draft, rows, verdict);
      if (verdict === "done") draft.post(rows, report.at, -cancel.cancelPrice, "paid");
      checkNotice(draft, cancel, report.at);
      if (verdict === "drift") draft.post(rows, report.at, givenBack, "unexplained");
  }
}

/** Whether a transaction id belongs to a cancel already. */
export function isAnotherCancels(draft: Draft, cancelTid: string): boolean {
  const { cancels, taken } = draft.order;
  return taken.cancelTids.includes(cancelTid) || cancels.some((other) => other.cancelTid === cancelTid);
}

/** A network cancel may end while nobody knows yet of any payment; only then no money of it is in the books. */
function isBooked({ approval, cancel }: CancelCall): boolean {
  return !cancel.network || approval.state === "approved";
}

function move(
  draft: Draft,
  { approval, cancel }: CancelCall,
  how: {
    readonly to: CancelState;
    readonly report: Report;
    readonly cancelTidIsKnown: boolean;
    readonly givenBack: number;
  },
): void {
  const { to, report, cancelTidIsKnown, givenBack } = how;
  const { facts, at, by } = report;
  const moved = draft.changeCancel(cancel.id, {
    state: to,
    cancelTid: cancelTidIsKnown ? null : facts.cancelTid,
    // The gateway says when, or that it is so by now.
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
  // Heard again, it says nothing new.
  const booked = isBooked(call) ? -givenBack : 0;
  if (to === "drift") draft.addMismatch(approval.id, { ...mismatchOf(call, entry), booked });
}

/** Won that surely went back to the buyer by a report. */
function movedBack({ cancel }: CancelCall, verdict: CancelState, { facts }: Report): number {
  if (verdict === "done") return cancel.cancelPrice;
  // What a refusal names is no money that moved by this cancel.
  return verdict === "drift" && facts.outcome !== "refused" ? (facts.reportedPrice ?? 0) : 0;
}

/** What is unknown or otherwise than asked keeps its hold, so that nothing can be cancelled on top of it. */
export function endHold(draft: Draft, { approval, cancel }: CancelCall, to: CancelState): void {
  if (to === "unknown" || to === "drift") return;
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
 * What the end of a network cancel means for an approval that is no payment in the books. Only an unknown one is undone by
 * it: what was heard of the approval meanwhile stays, since nobody knows which of the two the gateway did first.
 */
function endNetworkCancel(draft: Draft, rows: CancelCall, to: CancelState, report: Report): void {
  const { approval, cancel } = rows;
  if (to === "unknown") return;
  if (to === "drift") {
    draft.contradict(approval.id, report.at);
    return;
  }
  const freed = approval.openCancel === cancel.id ? { openCancel: null, held: 0 } : {};
  if (approval.state !== "unknown") {
    draft.changeApproval(approval.id, freed);
  } else if (to !== "done") {
    draft.changeApproval(approval.id, { ...freed, networkCancelAt: report.at });
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
