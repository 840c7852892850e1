import { approvalStep, approvalVerdict } from "./approval-rules.js";
import { LedgerError } from "./errors.js";
import { actorOf, flag, noteContradiction, postMoney, type Report } from "./report.js";
import {
  type ApprovalRow,
  type ApprovalState,
  type LedgerTransaction,
  liveApprovalStates,
  type OrderRows,
} from "./store.js";
import { transitionOf } from "./transitions.js";

/** Applies a report to an approval; the order's rows are locked. */
export async function settleApproval(
  tx: LedgerTransaction,
  order: OrderRows,
  row: ApprovalRow,
  report: Report,
): Promise<void> {
  const { facts } = report;
  const tidIsKnown = facts.tid !== null && facts.tid !== row.tid && (await tx.tidIsKnown(row.mid, facts.tid));
  const verdict = approvalVerdict(row, facts, tidIsKnown);
  const call = { kind: "approval", approval: row } as const;
  switch (approvalStep(row, verdict, { tid: facts.tid, by: report.by })) {
    case "keep":
      return;
    case "note":
      await noteContradiction(tx, call, report);
      return;
    case "flag":
      await flag(tx, call, report);
      return;
    case "conflict": {
      const won = movedWon(row, verdict, report);
      const isBooked = await bookedBefore(tx, row, report);
      // Where another attempt lives, the row cannot come back to life: the order is flagged instead.
      if (anotherLives(order, row)) await flag(tx, call, report);
      else await move(tx, row, "conflict", report, tidIsKnown, won);
      if (!isBooked) await postMoney(tx, call, report.at, won, "unexplained");
      return;
    }
    case "move":
      await move(tx, row, verdict, report, tidIsKnown);
  }
}

async function move(
  tx: LedgerTransaction,
  row: ApprovalRow,
  to: ApprovalState,
  report: Report,
  tidIsKnown: boolean,
  bookedPrice = 0,
): Promise<void> {
  const { facts, at, by } = report;
  const moved = await tx.moveApproval(row.id, [row.state], {
    state: to,
    tid: tidIsKnown ? null : facts.tid,
    applNum: facts.applNum,
    approvedAt: facts.at,
    resultCode: facts.resultCode,
    resultMessage: facts.resultMessage,
    failureCode: facts.failureCode,
    // What a conflict keeps as its price is what was booked for it, and what the order shows as remaining.
    reportedPrice: to === "conflict" ? bookedPrice : facts.reportedPrice,
    remaining: to === "approved" ? row.price : 0,
    settledBy: by,
    settledAt: at,
  });
  if (moved === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  const call = { kind: "approval", approval: moved } as const;
  await tx.addTransition(
    transitionOf(call, { at, from: row.state, to, actor: actorOf(call, report), facts }),
  );
  if (to === "approved") await postMoney(tx, call, at, row.price, "paid");
  if (to === "approved_mismatch" || to === "approved_no_tid") {
    await postMoney(tx, call, at, facts.reportedPrice ?? 0, "unexplained");
  }
}

/** Won that surely moved by this report; another payment's tid proves nothing about this one. */
function movedWon(row: ApprovalRow, verdict: ApprovalState, { facts }: Report): number {
  if (verdict === "approved") return row.price;
  return verdict === "approved_mismatch" || verdict === "approved_no_tid" ? (facts.reportedPrice ?? 0) : 0;
}

/** Whether the same money was reported, and booked, while another attempt lived. */
async function bookedBefore(tx: LedgerTransaction, row: ApprovalRow, { facts }: Report): Promise<boolean> {
  return (await tx.transitions(row.mid, row.orderId)).some(
    (line) =>
      line.what === "approval-contradiction" &&
      line.approvalId === row.id &&
      (line.outcome === "succeeded" || line.outcome === "moved") &&
      line.tid === facts.tid,
  );
}

function anotherLives(order: OrderRows, row: ApprovalRow): boolean {
  const live: readonly ApprovalState[] = liveApprovalStates;
  return order.approvals.some((other) => other.id !== row.id && live.includes(other.state));
}
