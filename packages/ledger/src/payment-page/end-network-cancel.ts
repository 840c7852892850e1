import { LedgerError } from "../errors.js";
import { actorOf, type Report } from "../report.js";
import type { CancelRows } from "../settle-cancel.js";
import type { CancelState, LedgerTransaction } from "../store.js";
import { transitionOf } from "../transitions.js";

/**
 * What the end of a network cancel means for an approval that is no payment in the books. Only an unknown one is undone by
 * it: what was heard of the approval meanwhile stays, since nobody knows which of the two the gateway did first.
 */
export async function endNetworkCancel(
  tx: LedgerTransaction,
  rows: CancelRows,
  to: CancelState,
  report: Report,
): Promise<void> {
  const { approval, cancel } = rows;
  if (to === "unknown") return;
  if (to === "drift") {
    await tx.markContradicted(approval.id, report.at);
    return;
  }
  await tx.releaseHold(approval.id, cancel.id);
  if (approval.state !== "unknown") return;
  if (to !== "done") {
    await tx.moveApproval(approval.id, ["unknown"], { state: "unknown", networkCancelAt: report.at });
    return;
  }
  const undone = await tx.moveApproval(approval.id, ["unknown"], {
    state: "net_cancelled",
    settledBy: report.by,
    settledAt: report.at,
  });
  if (undone === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  await tx.addTransition(
    transitionOf(
      { kind: "approval", approval: undone },
      { at: report.at, from: "unknown", to: "net_cancelled", actor: actorOf(rows, report) },
    ),
  );
}
