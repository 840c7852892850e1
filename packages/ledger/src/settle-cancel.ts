import { alreadyCancelledVerdict, cancelStep, cancelVerdict } from "./cancel-rules.js";
import type { LedgerContext } from "./context.js";
import { LedgerError } from "./errors.js";
import { firstRepeatAt } from "./next-try.js";
import { endNetworkCancel } from "./payment-page/end-network-cancel.js";
import type { SettledFacts } from "./reply-facts.js";
import { actorOf, flag, noteContradiction, postMoney, type Report } from "./report.js";
import type { ApprovalRow, CancelRow, CancelState, LedgerTransaction } from "./store.js";
import { transitionOf } from "./transitions.js";

export interface CancelRows {
  readonly kind: "cancel";
  readonly approval: ApprovalRow;
  readonly cancel: CancelRow;
}

type Codes = Pick<LedgerContext, "alreadyCancelledCodes">;

/** The state a cancel would have if these facts were all there is; about its transaction they say nothing new. */
export function verdictOf(codes: Codes, cancel: CancelRow, facts: SettledFacts): CancelState {
  return saysAlreadyCancelled(codes, cancel, facts)
    ? alreadyCancelledVerdict(cancel)
    : cancelVerdict(cancel, facts, false);
}

/** An escrow purchase has codes of its own. */
function saysAlreadyCancelled(
  { alreadyCancelledCodes }: Codes,
  { operation }: CancelRow,
  { outcome, resultCode }: SettledFacts,
): boolean {
  const isPlain = operation === "payments.cancel" || operation === "payments.cancelPartially";
  return (
    isPlain && outcome === "refused" && resultCode !== null && alreadyCancelledCodes.includes(resultCode)
  );
}

/** Applies a report to a cancel; the order's rows are locked. */
export async function settleCancel(
  codes: Codes,
  tx: LedgerTransaction,
  rows: CancelRows,
  report: Report,
): Promise<void> {
  const { facts } = report;
  const { cancel } = rows;
  const isAlready = saysAlreadyCancelled(codes, cancel, facts);
  // Such a refusal knows of no transaction of the cancel's own.
  const cancelTid = isAlready ? cancel.cancelTid : facts.cancelTid;
  const cancelTidIsKnown =
    cancelTid !== null &&
    cancelTid !== cancel.cancelTid &&
    (await tx.cancelTidIsKnown(cancel.mid, cancelTid));
  const verdict = isAlready
    ? alreadyCancelledVerdict(cancel)
    : cancelVerdict(cancel, facts, cancelTidIsKnown);
  switch (cancelStep(cancel, verdict, { cancelTid, by: report.by })) {
    case "keep":
      return;
    case "note":
      await noteContradiction(tx, rows, report);
      return;
    case "flag":
      await flag(tx, rows, report);
      return;
    case "conflict":
      // Its hold is gone and may be another's by now, so nothing is taken: the payment is flagged as a whole.
      await move(tx, rows, "drift", report, cancelTidIsKnown);
      await tx.markContradicted(rows.approval.id, report.at);
      if (!cancelTidIsKnown && isBooked(rows)) {
        await postMoney(tx, rows, report.at, -givenBack(cancel, verdict, report), "unexplained");
      }
      return;
    case "move":
      await move(tx, rows, verdict, report, cancelTidIsKnown);
      if (!isBooked(rows)) {
        await endNetworkCancel(tx, rows, verdict, report);
        return;
      }
      await endHold(tx, rows, verdict);
      if (verdict === "done") await postMoney(tx, rows, report.at, -cancel.cancelPrice, "paid");
      if (verdict === "drift" && !cancelTidIsKnown) {
        await postMoney(tx, rows, report.at, -givenBack(cancel, verdict, report), "unexplained");
      }
  }
}

/** A network cancel may end while nobody knows yet of any payment; only then no money of it is in the books. */
function isBooked({ approval, cancel }: CancelRows): boolean {
  return !cancel.network || approval.state === "approved";
}

async function move(
  tx: LedgerTransaction,
  { approval, cancel }: CancelRows,
  to: CancelState,
  report: Report,
  cancelTidIsKnown: boolean,
): Promise<void> {
  const { facts, at, by } = report;
  const moved = await tx.moveCancel(cancel.id, [cancel.state], {
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
  if (moved === undefined) throw new LedgerError("broken-rule", "A locked cancel changed its state");
  const call = { kind: "cancel", approval, cancel: moved } as const;
  await tx.addTransition(
    transitionOf(call, { at, from: cancel.state, to, actor: actorOf(call, report), facts }),
  );
}

/** Won that surely went back to the buyer by a report. */
function givenBack(cancel: CancelRow, verdict: CancelState, { facts }: Report): number {
  if (verdict === "done") return cancel.cancelPrice;
  // What a refusal names is no money that moved by this cancel.
  return verdict === "drift" && facts.outcome !== "refused" ? (facts.reportedPrice ?? 0) : 0;
}

/** What is unknown or otherwise than asked keeps its hold, so that nothing can be cancelled on top of it. */
async function endHold(
  tx: LedgerTransaction,
  { approval, cancel }: CancelRows,
  to: CancelState,
): Promise<void> {
  if (to === "unknown" || to === "drift") return;
  const payment =
    to === "done" ? await tx.takeHold(approval.id, cancel.id) : await tx.releaseHold(approval.id, cancel.id);
  if (payment === undefined) throw new LedgerError("broken-rule", "An open cancel has lost its hold");
  if (to === "done" && payment.remaining !== cancel.confirmPrice) {
    throw new LedgerError("broken-rule", "Another amount remains than the cancel confirmed");
  }
}
