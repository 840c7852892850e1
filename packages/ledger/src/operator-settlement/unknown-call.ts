import { type ApprovalRow, type CancelState, type OrderRows, openCancelStates } from "../store.js";
import type { CallRows } from "../transitions.js";
import type { OperatorFinding } from "./operator-finding.js";

export type ApprovalCall = Extract<CallRows, { kind: "approval" }>;
export type CancelCall = Extract<CallRows, { kind: "cancel" }>;

/**
 * An unknown approval is live, so there is no other. It comes before the network cancel that was to undo it: what came of
 * that one means nothing without it. An account that waits for a deposit blocks nothing, so it comes last.
 */
export function unknownCall(rows: OrderRows, finding: OperatorFinding): CallRows | undefined {
  const call = firstUnknown(rows, finding);
  return finding.about === undefined || finding.about === call?.kind ? call : undefined;
}

function firstUnknown(rows: OrderRows, finding: OperatorFinding): CallRows | undefined {
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined) return { kind: "approval", approval };
  const cancel = rows.cancels.find(({ state }) => state === "unknown");
  const payment = rows.approvals.find(({ id }) => id === cancel?.approvalId);
  if (cancel !== undefined && payment !== undefined) return { kind: "cancel", approval: payment, cancel };
  const account = accountOf(rows, finding);
  return account && { kind: "approval", approval: account };
}

/** The virtual account with this transaction, if several wait; otherwise the newest. */
function accountOf({ approvals }: OrderRows, { tid }: OperatorFinding): ApprovalRow | undefined {
  const waiting = approvals.filter(({ state }) => state === "awaiting_deposit");
  return waiting.find(({ authTid }) => authTid === tid) ?? waiting.at(-1);
}

/** The network cancel that is to undo an unknown approval, if it did not end. */
export function networkCancelOf(rows: OrderRows, approval: ApprovalRow): CancelCall | undefined {
  const open: readonly CancelState[] = openCancelStates;
  // One that went otherwise than asked has ended, and keeps its hold all the same.
  const cancel = rows.cancels.find(({ id, state }) => id === approval.openCancel && open.includes(state));
  return cancel && { kind: "cancel", approval, cancel };
}
