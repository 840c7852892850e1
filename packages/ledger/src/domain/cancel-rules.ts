import type { Step } from "./approval-rules.js";
import type { SettledFacts } from "./reply-facts.js";
import type { CancelRow, CancelState, SettledBy } from "./rows.js";

/** The state a cancel would have if this report were all there is. */
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
      return "drift";
    case "succeeded": {
      const asAsked =
        (facts.reportedPrice === null || facts.reportedPrice === asked.cancelPrice) &&
        (facts.reportedRemaining === null || facts.reportedRemaining === asked.confirmPrice);
      return asAsked && !cancelTidIsKnown ? "done" : "drift";
    }
  }
}

/**
 * What it means that the gateway refuses a cancel since the transaction is cancelled already. If it was sent before and nobody knows
 * what came of that, that one did it, or somebody at the gateway: all of it is given back, once. Of a part nobody can say so much. And if
 * it was sent but once, somebody gave the money back of whom the books know nothing.
 */
export function alreadyCancelledVerdict(
  row: Pick<CancelRow, "state" | "operation" | "repeats" | "settledBy">,
): CancelState {
  const isWhole = row.operation === "payments.cancel";
  switch (row.state) {
    case "unknown":
      if (row.repeats === 0 && row.settledBy === "recovery") return "drift";
      return isWhole ? "done" : "refused";
    case "done":
      return isWhole ? "done" : "refused";
    case "drift":
      return "refused";
    default:
      return "drift";
  }
}

/** What a report does to a cancel; as for approvals, except where said. */
export function cancelStep(
  row: Pick<CancelRow, "state" | "cancelTid" | "settledBy" | "repeats">,
  verdict: CancelState,
  report: { readonly cancelTid: string | null; readonly by: SettledBy },
): Step {
  const mayHaveMoved = verdict === "done" || verdict === "drift";
  switch (row.state) {
    case "reserved":
    case "sending":
      return "move";
    case "unknown":
      if (verdict === "unknown")
        return row.settledBy === "recovery" && report.by === "call" ? "move" : "keep";
      // Unlike an approval, a cancel may be repeated identically. A refusal after an unknown then does not prove
      // which of the two was refused.
      return mayHaveMoved || (row.settledBy === "recovery" && row.repeats === 0) ? "move" : "note";
    case "done":
      if (verdict === "unknown") return "keep";
      if (row.settledBy === "operator") return verdict === "done" && agrees(row, report) ? "keep" : "flag";
      if (verdict === "done" && row.cancelTid === report.cancelTid) return "keep";
      return mayHaveMoved ? "flag" : "note";
    case "refused":
      if (verdict === "refused" || verdict === "unknown") return "keep";
      return mayHaveMoved ? "conflict" : "note";
    case "not_sent":
      if (verdict === "not_sent") return "keep";
      return mayHaveMoved || verdict === "unknown" ? "conflict" : "note";
    case "settled_not_moved":
      return mayHaveMoved ? "conflict" : "keep";
    case "drift":
      return verdict === "drift" || verdict === "unknown" ? "keep" : "note";
  }
}

/** An operator need not have known the cancel's own transaction id, and the reply to a full cancel has none. */
function agrees(row: Pick<CancelRow, "cancelTid">, report: { readonly cancelTid: string | null }): boolean {
  return row.cancelTid === null || report.cancelTid === null || row.cancelTid === report.cancelTid;
}
