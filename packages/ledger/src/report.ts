import { newId } from "./context.js";
import type { SettledFacts } from "./reply-facts.js";
import type { Account, LedgerTransaction, SettledBy } from "./store.js";
import { type CallRows, saysTheSame, transitionOf } from "./transitions.js";

/** What somebody says about the end of a call. */
export interface Report {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** Whether the shop asks for another amount by now than the payment that is reported. */
  readonly isOutdated?: boolean;
}

/** Posts `won` from the buyer to us (negative: back) against one account. */
export async function postMoney(
  tx: LedgerTransaction,
  call: CallRows,
  at: Date,
  won: number,
  against: Exclude<Account, "gateway">,
): Promise<void> {
  if (won === 0) return;
  await tx.post({
    id: newId(),
    at,
    mid: call.approval.mid,
    orderId: call.approval.orderId,
    approvalId: call.approval.id,
    cancelId: call.kind === "cancel" ? call.cancel.id : null,
    entries: [
      { account: "gateway", amount: won },
      { account: against, amount: -won },
    ],
  });
}

/** Keeps a report beside the state it does not fit; saying the same again adds nothing. */
export async function noteContradiction(
  tx: LedgerTransaction,
  call: CallRows,
  report: Report,
): Promise<void> {
  const state = call.kind === "approval" ? call.approval.state : call.cancel.state;
  const line = transitionOf(call, {
    at: report.at,
    from: state,
    to: state,
    actor: actorOf(call, report),
    facts: report.facts,
    contradiction: true,
  });
  const earlier = await tx.transitions(line.mid, line.orderId);
  if (!earlier.some((other) => saysTheSame(other, line))) await tx.addTransition(line);
}

/** As {@link noteContradiction}, and the order needs attention from now on. */
export async function flag(tx: LedgerTransaction, call: CallRows, report: Report): Promise<void> {
  await noteContradiction(tx, call, report);
  await tx.markContradicted(call.approval.id, report.at);
}

/** Who the timeline names for a report. */
export function actorOf(call: CallRows, report: Report): string | null {
  if (report.by === "recovery" || report.by === "notification") return report.by;
  return call.kind === "cancel" ? call.cancel.actor : null;
}
