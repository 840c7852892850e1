import type { SettledFacts } from "./reply-facts.js";
import type { ApprovalRow, ApprovalState, SettledBy } from "./rows.js";

/** What a report about a call does to its row. */
export type Step =
  /** The row takes the state the report proves. */
  | "move"
  /** The report says nothing new. */
  | "keep"
  /** As `keep`, but the reply of the call itself knows the transaction better than the notification that was first. */
  | "confirm"
  /** It does not fit, but about the money the state stays right: it goes beside the state, into the timeline. */
  | "note"
  /** As `note`, and money may have moved that the state knows nothing of: the order needs attention for ever. */
  | "flag"
  /** Money may have moved in a call that was taken for harmless: the row itself turns to needing attention. */
  | "conflict";

/** The state an approval would have if this report were all there is. */
export function approvalVerdict(
  asked: Pick<ApprovalRow, "price">,
  facts: SettledFacts,
  tidIsKnown: boolean,
): ApprovalState {
  switch (facts.outcome) {
    case "refused":
      return "declined";
    case "not-sent":
      return "not_sent";
    case "unknown":
      return "unknown";
    case "succeeded":
    case "moved": {
      if (facts.tid === null) return "approved_no_tid";
      if (tidIsKnown) return "conflict";
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
    case "conflict":
      return verdict === "unknown" || (verdict === row.state && (row.tid ?? report.tid) === report.tid)
        ? "keep"
        : "note";
    case "declined":
      if (verdict === "declined" || verdict === "unknown") return "keep";
      return mayHaveMoved ? "conflict" : "note";
    case "not_sent":
      if (verdict === "not_sent") return "keep";
      return mayHaveMoved || verdict === "unknown" ? "conflict" : "note";
    case "awaiting_deposit":
      if (provesNothing.includes(verdict)) return "keep";
      return verdict === "approved" ? "move" : "conflict";
    case "settled_not_moved":
    case "net_cancelled":
      // That nobody knew is why an operator looked, or the call was undone; whoever says that nothing moved agrees.
      return verdict === "unknown" || movedNothing.includes(verdict) ? "keep" : "conflict";
  }
}
