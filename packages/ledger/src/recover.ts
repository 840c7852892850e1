import { countKeysLeft, endStaleIssue, staleIssues } from "./billing-keys/recover-keys.js";
import { type LedgerContext, silenceOf } from "./context.js";
import { databaseState } from "./database-identity/accept-database.js";
import { outcomeOfReserved, type SilentOutcome } from "./database-identity/accepted-database.js";
import { findCall } from "./find-call.js";
import { type GatewayRecovery, recoverAtGateway } from "./recover-at-gateway.js";
import { factsOf } from "./reply-facts.js";
import { isDatabaseAway, type RecoveryRun } from "./run-tasks.js";
import { applyReport, retryConflicts } from "./settle.js";
import type { StaleCall } from "./store.js";

/** What one run of `recover()` did. */
export interface Recovery extends GatewayRecovery {
  /** Calls that were reserved and never sent: their orders are free again, or there is no billing key. */
  readonly notSent: number;
  /**
   * Calls whose outcome nobody knows: they were being sent and never heard of again, or were reserved before the database was replaced.
   * Their orders are locked, or a billing key may exist at the gateway.
   */
  readonly unknown: number;
  /**
   * Stopped billing keys that are due to be deleted at the gateway, and are left to another process: this one has no `secrets`,
   * or was not given the whole `PayApi`.
   */
  readonly keysLeft: number;
}

/** When to end a run of `recover()` early. */
export interface RecoverOptions {
  /** Once it is aborted, no further call begins; those under way end and are settled, and `recover()` resolves. */
  readonly signal?: AbortSignal;
}

const batchSize = 200;

/**
 * Ends the calls whose process fell silent, and then, with the gateway at hand, what can be ended there. It never guesses in favour of anybody: what was never marked as sending was
 * not sent, since marking it is refused from now on; what was marked may have been sent. While the database is not accepted, reserved
 * calls stay as they are, and nothing is done at the gateway: the row that marked a call may be lost.
 */
export async function recover(context: LedgerContext, run: RecoveryRun): Promise<Recovery> {
  const { errors } = run;
  const done = { notSent: 0, unknown: 0 };
  await endAll(
    done,
    run,
    (after) => staleCalls(context, after),
    (call) => endStaleCall(context, call),
  );
  await endAll(
    done,
    run,
    (after) => staleIssues(context, { limit: batchSize, after }),
    (key) => endStaleIssue(context, key),
  );
  const { gateway } = context;
  // Each of these calls would be refused, one after the other, and leave its line behind.
  const maySend = run.mayGoOn() && gateway !== undefined && (await databaseState(context)).accepted;
  const ended = maySend
    ? await recoverAtGateway(context, gateway, run)
    : { networkCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
  const keysLeft = await countKeysLeft(context);
  // Whatever one call fails with, for days perhaps, must not let these rows pile up.
  await removeEnded(context, run);
  if (errors.length > 0) throw errors[0];
  return { ...done, ...ended, keysLeft };
}

function staleCalls(context: LedgerContext, after: string | undefined): Promise<readonly StaleCall[]> {
  return context.store.read((tx) =>
    tx.staleCalls(context.mid, { ...silenceOf(context, context.now(tx)), limit: batchSize, after }),
  );
}

/** One call that cannot be ended must not keep the others from it; the next run tries it again. */
async function endAll<Call extends { readonly id: string }>(
  done: { notSent: number; unknown: number },
  { mayGoOn, errors }: RecoveryRun,
  find: (after: string | undefined) => Promise<readonly Call[]>,
  end: (call: Call) => Promise<SilentOutcome | undefined>,
): Promise<void> {
  let after: string | undefined;
  while (mayGoOn()) {
    const stale = await find(after);
    for (const call of stale) {
      if (!mayGoOn()) return;
      try {
        const ended = await retryConflicts(() => end(call));
        if (ended !== undefined) done[ended === "not-sent" ? "notSent" : "unknown"]++;
      } catch (error) {
        // Without a database no other call could be ended either.
        if (isDatabaseAway(error)) throw error;
        errors.push(error);
      }
    }
    after = stale.at(-1)?.id;
    if (stale.length < batchSize) return;
  }
}

/** Counters that start anew and requests whose keys are free are nothing but rows in the way. */
async function removeEnded({ store, mid, now }: LedgerContext, { mayGoOn }: RecoveryRun): Promise<void> {
  while (mayGoOn()) {
    const removed = await store.transaction(async (tx) => [
      await tx.attempts.removeEndedCounters(mid, now(tx), batchSize),
      await tx.requests.removeEndedRequests(mid, now(tx), batchSize),
    ]);
    if (removed.every((count) => count < batchSize)) return;
  }
}

/** Ends a silent call and returns how; `undefined` if somebody else was faster, or if the database must be accepted first. */
export function endStaleCall(context: LedgerContext, stale: StaleCall): Promise<SilentOutcome | undefined> {
  const isReserved = stale.state === "reserved";
  return context.store.transaction(
    async (tx) => {
      const order = await tx.lockOrder(context.mid, stale.orderId);
      const rows = findCall(order, stale);
      if (rows === undefined) return undefined;
      const { state, createdAt } = rows.kind === "approval" ? rows.approval : rows.cancel;
      if (state !== stale.state) return undefined;
      const outcome = isReserved ? await outcomeOfReserved(tx, createdAt) : "unknown";
      if (outcome === undefined) return undefined;
      const facts = factsOf({ outcome });
      await applyReport(context, tx, order, rows, { facts, by: "recovery", at: context.now(tx) });
      return outcome;
    },
    { comparesDatabase: isReserved },
  );
}
