import type { LedgerContext } from "../context.js";
import { isLate, provedBySilence, silentSince } from "../late-calls.js";
import { accountDueAt } from "../payment-page/account-due.js";
import { type LedgerTransaction, liveApprovalStates, type OrderRows } from "../store.js";
import type { CallRows } from "../transitions.js";
import type { OperatorFinding } from "./operator-finding.js";
import { networkCancelOf } from "./unknown-call.js";

/** Why a finding changes nothing. */
export type SettlementRefusal =
  /** No payment of this order was ever tried. */
  | "no-such-order"
  /** The order has no call whose outcome is unknown, and no virtual account that waits for a deposit. */
  | "not-unknown"
  /**
   * An approval and the network cancel that was to undo it are both unknown: say what became of the approval, with `about`.
   * What was found out about the cancel could be taken for the payment's.
   */
  | "approval-first"
  /**
   * The gateway may still carry the call out: `not-moved` is believed 10 minutes after its deadline. Or the process that made it
   * may still hear of it: nothing is believed before `recover()` would take it for unknown.
   */
  | "too-early"
  /** An approval that moved money has a transaction id, and without it the payment could never be cancelled. */
  | "tid-missing"
  /** Another payment or cancel has this transaction id. */
  | "tid-known"
  /** A deposit came for an order that another payment lives of: release its notification, which books it. */
  | "paid-otherwise";

/** Nothing of the order is unknown, but a call should have been answered by now: its process may still hear of it. */
export function whyNotYet(
  { times }: LedgerContext,
  { approvals, cancels }: OrderRows,
  call: CallRows | undefined,
  now: Date,
): { reason: SettlementRefusal; notBefore: Date } | undefined {
  const late = call === undefined && [...approvals, ...cancels].find((row) => isLate(row, now));
  if (!late || late.deadlineAt === null) return undefined;
  return { reason: "too-early", notBefore: new Date(late.deadlineAt.getTime() + times.sendingGraceMs) };
}

/** Why the finding is not believed, or not yet. */
export async function whyNot(
  tx: LedgerTransaction,
  rows: OrderRows,
  call: CallRows | undefined,
  { outcome, tid, about, seenAt }: OperatorFinding,
  now: Date,
): Promise<{ reason: SettlementRefusal; notBefore?: Date } | undefined> {
  if (rows.approvals.length === 0) return { reason: "no-such-order" };
  const approval = rows.approvals.find(({ state }) => state === "unknown");
  if (approval !== undefined && about !== "approval" && networkCancelOf(rows, approval) !== undefined) {
    return { reason: "approval-first" };
  }
  if (call === undefined) return { reason: "not-unknown" };
  // Who looked before it was made saw another one, which somebody has settled since.
  const { createdAt } = call.kind === "cancel" ? call.cancel : call.approval;
  if (seenAt !== undefined && seenAt < createdAt) return { reason: "too-early", notBefore: createdAt };
  if (outcome === "not-moved") {
    const undoing = call.kind === "approval" ? networkCancelOf(rows, call.approval) : undefined;
    const silent = Math.max(
      ...[call, ...(undoing ? [undoing] : [])].map((each) => waitedUntil(each).getTime()),
    );
    const notBefore = provedBySilence(new Date(silent));
    const isEarly = now < notBefore || (seenAt !== undefined && seenAt < notBefore);
    return isEarly ? { reason: "too-early", notBefore } : undefined;
  }
  if (call.kind === "approval" && call.approval.state === "awaiting_deposit" && anotherLives(rows)) {
    return { reason: "paid-otherwise" };
  }
  if (tid === undefined) return call.kind === "approval" ? { reason: "tid-missing" } : undefined;
  // A transaction id that is in use was mistyped; taken as a fact, it would lock two orders.
  const { mid, authTid } = call.approval;
  const isOwn = call.kind === "approval" && tid === authTid;
  const inUse = (!isOwn && (await tx.tidIsKnown(mid, tid))) || (await tx.cancelTidIsKnown(mid, tid));
  return inUse ? { reason: "tid-known" } : undefined;
}

function anotherLives({ approvals }: OrderRows): boolean {
  const live: readonly string[] = liveApprovalStates;
  return approvals.some(({ state }) => live.includes(state));
}

/** From when on nobody waits for the call's reply any more, or for a deposit. */
function waitedUntil(call: CallRows): Date {
  if (call.kind === "cancel") return silentSince(call.cancel);
  const { approval } = call;
  return approval.state === "awaiting_deposit" ? accountDueAt(approval) : silentSince(approval);
}
