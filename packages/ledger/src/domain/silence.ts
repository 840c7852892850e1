import type { CallOutcome } from "@payapi/core";
import { isLate } from "./late-calls.js";
import type { CallRows, Draft } from "./order.js";
import { factsOf } from "./reply-facts.js";
import { settleApproval } from "./settle-approval.js";
import { settleCancel } from "./settle-cancel.js";
import { findCall } from "./transitions.js";

/** How recovery ends a call whose process fell silent. */
export type SilentOutcome = Extract<CallOutcome["outcome"], "not-sent" | "unknown">;

/** A call that was in this state when its process fell silent. */
export interface SilentCall {
  readonly kind: "approval" | "cancel";
  readonly id: string;
  readonly state: "reserved" | "sending";
}

/** Ends a call whose process fell silent, and returns how; `undefined` if somebody else was faster. */
export function endSilentCall(
  draft: Draft,
  { call, outcome, at }: { readonly call: SilentCall; readonly outcome: SilentOutcome; readonly at: Date },
): SilentOutcome | undefined {
  const rows = findCall(draft.order, call);
  if (rows === undefined || stateOf(rows) !== call.state) return undefined;
  const report = { facts: factsOf({ outcome }), by: "recovery", at } as const;
  if (rows.kind === "approval") settleApproval(draft, rows.approval, report);
  else settleCancel(draft, rows, report, []);
  return outcome;
}

/**
 * Ends what recovery would end by now of the calls that were sent: an operator who reads of one may be faster than the next
 * run, or nobody runs any.
 */
export function endSilentCalls(draft: Draft, at: Date, sendingGraceMs: number): void {
  const { approvals, cancels } = draft.order;
  const silentSince = new Date(at.getTime() - sendingGraceMs);
  const end = (kind: SilentCall["kind"], id: string) =>
    endSilentCall(draft, { call: { kind, id, state: "sending" }, outcome: "unknown", at });
  for (const row of approvals) if (isLate(row, silentSince)) end("approval", row.id);
  for (const row of cancels) if (isLate(row, silentSince)) end("cancel", row.id);
}

function stateOf(rows: CallRows): string {
  return rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
}
