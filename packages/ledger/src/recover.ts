import { endStaleIssue, staleIssues } from "./billing-keys/recover-keys.js";
import { before, type LedgerContext } from "./context.js";
import { databaseState } from "./database-identity/accept-database.js";
import { LedgerUnavailableError } from "./errors.js";
import { findCall } from "./find-call.js";
import { type GatewayRecovery, recoverAtGateway } from "./recover-at-gateway.js";
import { factsOf } from "./reply-facts.js";
import { applyReport, retryConflicts } from "./settle.js";
import type { StaleCall } from "./store.js";

/** What one run of `recover()` did. */
export interface Recovery extends GatewayRecovery {
  /** Calls that were reserved and never sent: their orders are free again, or there is no billing key. */
  readonly notSent: number;
  /** Calls that were being sent and never heard of again: their orders are locked, or nobody knows of a billing key. */
  readonly unknown: number;
}

const batchSize = 200;

/**
 * Ends the calls whose process fell silent, and then, with the gateway at hand, what can be ended there. It never guesses in favour of anybody: what was never marked as sending was
 * not sent, since marking it is refused from now on; what was marked may have been sent.
 */
export async function recover(context: LedgerContext): Promise<Recovery> {
  const done = { notSent: 0, unknown: 0 };
  const errors: unknown[] = [];
  await endAll(
    done,
    errors,
    () => staleCalls(context),
    (call) => endStaleCall(context, call),
  );
  await endAll(
    done,
    errors,
    () => staleIssues(context, batchSize),
    (key) => endStaleIssue(context, key),
  );
  const { gateway } = context;
  // Each of these calls would be refused, one after the other, and leave its line behind.
  const maySend = gateway !== undefined && (await databaseState(context)).accepted;
  const ended = maySend ? await recoverAtGateway(context, gateway, errors) : undefined;
  // Whatever one call fails with, for days perhaps, must not let these rows pile up.
  await removeEnded(context);
  if (errors.length > 0) throw errors[0];
  return { ...done, ...(ended ?? { networkCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 }) };
}

function staleCalls(context: LedgerContext): Promise<readonly StaleCall[]> {
  return context.store.read((tx) => {
    const now = context.now(tx);
    return tx.staleCalls(context.mid, {
      reservedBefore: before(now, context.times.reservedTimeoutMs),
      deadlineBefore: before(now, context.times.sendingGraceMs),
      limit: batchSize,
    });
  });
}

/** One call that cannot be ended must not keep the others from it; the next run tries it again. */
async function endAll<Call extends { readonly state: string }>(
  done: { notSent: number; unknown: number },
  errors: unknown[],
  find: () => Promise<readonly Call[]>,
  end: (call: Call) => Promise<boolean>,
): Promise<void> {
  for (;;) {
    const stale = await find();
    const before = errors.length;
    for (const call of stale) {
      try {
        const ended = await retryConflicts(() => end(call));
        if (ended) done[call.state === "reserved" ? "notSent" : "unknown"]++;
      } catch (error) {
        // Without a database no other call could be ended either.
        if (error instanceof LedgerUnavailableError && error.sqlState === undefined) throw error;
        errors.push(error);
      }
    }
    if (stale.length < batchSize || errors.length > before) return;
  }
}

/** Counters that start anew and requests whose keys are free are nothing but rows in the way. */
async function removeEnded({ store, mid, now }: LedgerContext): Promise<void> {
  for (;;) {
    const removed = await store.transaction(async (tx) => [
      await tx.attempts.removeEndedCounters(mid, now(tx), batchSize),
      await tx.requests.removeEndedRequests(mid, now(tx), batchSize),
    ]);
    if (removed.every((count) => count < batchSize)) return;
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
