import { approvalStep, approvalVerdict, type Step } from "./approval-rules.js";
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

/** Applies a report to an approval, and says how; the order's rows are locked. */
export async function settleApproval(
  tx: LedgerTransaction,
  order: OrderRows,
  row: ApprovalRow,
  report: Report,
): Promise<Step> {
  const { facts } = report;
  const isOwn = facts.tid === row.tid || facts.tid === row.authTid;
  const tidIsKnown = facts.tid !== null && !isOwn && (await tx.tidIsKnown(row.mid, facts.tid));
  const verdict = approvalVerdict(row, facts, tidIsKnown);
  const call = { kind: "approval", approval: row } as const;
  const wanted = approvalStep(row, verdict, { tid: facts.tid, by: report.by });
  // A second payment of an order cannot live beside the first one, and one of another amount than it costs pays nothing.
  const isDuplicate = row.state === "awaiting_deposit" && anotherLives(order, row);
  const isExtra = wanted === "move" && (isDuplicate || report.isOutdated === true);
  const step = isUndone(order, row, verdict, report) ? "keep" : isExtra ? "conflict" : wanted;
  switch (step) {
    case "keep":
      break;
    case "note":
      await noteContradiction(tx, call, report);
      break;
    case "flag": {
      // A reply that contradicts an approval may mean the same money; a notification of another transaction does not.
      const won = report.by === "notification" ? movedWon(row, verdict, report) : 0;
      const isBooked = await bookedBefore(tx, row, report);
      await flag(tx, call, report);
      if (!isBooked) await postMoney(tx, call, report.at, won, "unexplained");
      break;
    }
    case "conflict": {
      const won = movedWon(row, verdict, report);
      const isBooked = await bookedBefore(tx, row, report);
      // Where another attempt lives, the row cannot come back to life: the order is flagged instead.
      if (anotherLives(order, row)) await flag(tx, call, report);
      else await move(tx, row, "conflict", report, tidIsKnown, won);
      if (!isBooked) await postMoney(tx, call, report.at, won, "unexplained");
      break;
    }
    case "confirm":
      await confirm(tx, row, report);
      break;
    case "move":
      await move(tx, row, verdict, report, tidIsKnown);
  }
  return step;
}

async function confirm(tx: LedgerTransaction, row: ApprovalRow, report: Report): Promise<void> {
  const { facts, at, by } = report;
  const { tid, applNum, at: approvedAt, resultCode, resultMessage } = facts;
  const known = { applNum: applNum ?? row.applNum, approvedAt: approvedAt ?? row.approvedAt };
  const change = { state: row.state, tid, ...known, resultCode, resultMessage, settledBy: by, settledAt: at };
  const approval = await tx.moveApproval(row.id, [row.state], change);
  if (approval === undefined) throw new LedgerError("broken-rule", "A locked approval changed its state");
  const line = { at, from: row.state, to: row.state, facts };
  await tx.addTransition(transitionOf({ kind: "approval", approval }, line));
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
    // A network cancel that is under way cancels the payment that turned out to be one.
    held: to === "approved" && row.openCancel !== null ? row.price : 0,
    ...(to === "unknown" && row.authTid !== null ? { networkCancelAt: at } : {}),
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

const mayBeUndone: readonly ApprovalState[] = ["approved", "approved_mismatch", "approved_no_tid"];

/**
 * The approval that a network cancel undid may be heard of after it: from the gateway's notification, or the process that
 * asked. The gateway's own clock tells that from one that came after the cancel. Whatever else is wrong with what is heard, nothing of
 * the transaction is left.
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
    ({ approvalId, network, state, cancelledAt }) =>
      approvalId === id && network && state === "done" && cancelledAt !== null && at <= cancelledAt,
  );
}

function anotherLives(order: OrderRows, row: ApprovalRow): boolean {
  const live: readonly ApprovalState[] = liveApprovalStates;
  return order.approvals.some((other) => other.id !== row.id && live.includes(other.state));
}
