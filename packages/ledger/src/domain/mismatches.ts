import type { CallRows, Draft } from "./order.js";
import type { SettledFacts } from "./reply-facts.js";
import type { Mismatch, SettledBy, TransitionRow } from "./rows.js";
import { transitionOf } from "./transitions.js";

/** What was learnt about the end of a call, and from whom. */
export interface Report {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** Whether the shop asks for another amount by now than the payment that is reported. */
  readonly isOutdated?: boolean;
}

/** Keeps a report beside the state it does not fit; the same again adds nothing. */
export function noteMismatch(draft: Draft, call: CallRows, report: Report, booked = 0): void {
  const { state } = call.kind === "approval" ? call.approval : call.cancel;
  const entry = transitionOf(call, {
    at: report.at,
    from: state,
    to: state,
    actor: actorOf(call, report),
    facts: report.facts,
    contradiction: true,
  });
  const mismatch = { ...mismatchOf(call, entry), booked };
  const known = call.approval.mismatches.find((each) => isSame(each, mismatch));
  if (known !== undefined && booked === 0) return;
  draft.addMismatch(call.approval.id, mismatch);
  draft.audit(entry);
}

/** What an entry of the audit trail says, as a fact that contradicts what was known. */
export function mismatchOf(call: CallRows, entry: TransitionRow): Mismatch {
  const { cancelId, to: state, outcome, price, tid, resultCode } = entry;
  return { kind: call.kind, cancelId, state, outcome, price, tid, resultCode };
}

const named = ["kind", "cancelId", "state", "outcome", "price", "tid", "resultCode"] as const;

function isSame(one: Mismatch, other: Mismatch): boolean {
  return named.every((name) => one[name] === other[name]);
}

/** Who the audit trail names for a report. */
export function actorOf(call: CallRows, report: Report): string | null {
  if (report.by === "recovery" || report.by === "notification") return report.by;
  return call.kind === "cancel" ? call.cancel.actor : null;
}
