import { before, type LedgerContext } from "./context.js";
import { LedgerUnavailableError } from "./errors.js";
import { findCall } from "./find-call.js";
import { factsOf } from "./reply-facts.js";
import { applyReport, retryConflicts } from "./settle.js";
import type { StaleCall } from "./store.js";

/** What one run of `recover()` did. */
export interface Recovery {
  /** Calls that were reserved and never sent: their orders are free again. */
  readonly notSent: number;
  /** Calls that were being sent and never heard of again: their orders are locked. */
  readonly unknown: number;
}

const batchSize = 200;

/**
 * Ends the calls whose process fell silent. It never guesses in favour of anybody: what was never marked as sending was
 * not sent, since marking it is refused from now on; what was marked may have been sent.
 */
export async function recover(context: LedgerContext): Promise<Recovery> {
  const done = { notSent: 0, unknown: 0 };
  for (;;) {
    const stale = await context.store.read((tx) => {
      const now = context.now(tx);
      return tx.staleCalls(context.mid, {
        reservedBefore: before(now, context.times.reservedTimeoutMs),
        deadlineBefore: before(now, context.times.sendingGraceMs),
        limit: batchSize,
      });
    });
    const errors: unknown[] = [];
    for (const call of stale) {
      try {
        const ended = await retryConflicts(() => endStaleCall(context, call));
        if (ended) done[call.state === "reserved" ? "notSent" : "unknown"]++;
      } catch (error) {
        // Without a database no other call could be ended either.
        if (error instanceof LedgerUnavailableError && error.sqlState === undefined) throw error;
        errors.push(error);
      }
    }
    // One call that cannot be ended must not keep the others from it; the next run tries it again.
    if (errors.length > 0) throw errors[0];
    if (stale.length < batchSize) return done;
  }
}

/** `false` when somebody else was faster, which is always right. */
function endStaleCall(context: LedgerContext, stale: StaleCall): Promise<boolean> {
  return context.store.transaction(async (tx) => {
    const order = await tx.lockOrder(context.mid, stale.orderId);
    const rows = findCall(order, stale);
    if (rows === undefined) return false;
    const state = rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
    if (state !== stale.state) return false;
    const facts = factsOf({ outcome: state === "reserved" ? "not-sent" : "unknown" });
    await applyReport(tx, order, rows, { facts, by: "recovery", at: context.now(tx) });
    return true;
  });
}
