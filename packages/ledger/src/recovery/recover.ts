import { databaseState, outcomeOfReserved } from "../commands/accepted-database.js";
import { changeOrder } from "../commands/change-order.js";
import { type LedgerContext, silenceOf } from "../commands/context.js";
import { countKeysLeft, endStaleIssue, staleIssues } from "../commands/keys/recover-keys.js";
import { settleOnce } from "../commands/settle.js";
import { findCall } from "../domain/order.js";
import type { SilentOutcome } from "../domain/sending.js";
import { LedgerError } from "../errors.js";
import type { Journal, JournalFile } from "../store/journal.js";
import type { StaleCall } from "../store/port.js";
import {
  type GatewayRecovery,
  isDatabaseAway,
  type RecoveryRun,
  recoverAtGateway,
} from "./recover-at-gateway.js";

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
    : { netCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
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
        const ended = await end(call);
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
      await tx.rateLimits.removeEndedCounters(mid, now(tx), batchSize),
      await tx.requests.removeEndedRequests(mid, now(tx), batchSize),
    ]);
    if (removed.every((count) => count < batchSize)) return;
  }
}

/** Ends a silent call and returns how; `undefined` if somebody else was faster, or if the database must be accepted first. */
async function endStaleCall(
  context: LedgerContext,
  { orderId, ...call }: StaleCall,
): Promise<SilentOutcome | undefined> {
  const isReserved = call.state === "reserved";
  const { order, database } = await context.store.load(context.mid, orderId, {
    comparesDatabase: isReserved,
  });
  const rows = findCall(order, call);
  const { createdAt } = (rows?.kind === "cancel" ? rows.cancel : rows?.approval) ?? {};
  if (createdAt === undefined) return undefined;
  const outcome = database === undefined ? "unknown" : outcomeOfReserved(database, createdAt);
  if (outcome === undefined) return undefined;
  return changeOrder(context, orderId, (at) => ({ kind: "silence", call, outcome, at }), {
    onlyIfAccepted: isReserved,
  });
}

/** A call that the gateway said yes to and the database does not know to have ended. */
export interface JournaledCall {
  /** The file in the journal's folder. */
  readonly file: string;
  /**
   * Why nobody can read it: the code of the system, such as `EACCES`, or `no-entry` for a file that is damaged, or of another
   * version of this package.
   */
  readonly unreadable?: string;
  /** Missing, with everything below, when nobody can read the file. */
  readonly call?: {
    readonly kind: "approval" | "cancel";
    readonly orderId: string;
    /** What to search the gateway's console for; of an approval. */
    readonly oid?: string;
    readonly tid?: string;
    /** Won asked for. */
    readonly price: number;
    /** When it was written. */
    readonly at: Date;
  };
}

/**
 * Tells the database what it could not be told, and resolves to what went wrong with that, if anything. Safe at any time and
 * from several processes: a fact that is told twice changes nothing. Each entry stands alone; what cannot be told stays.
 *
 * @throws LedgerUnavailableError without a database
 */
export async function replayJournal(context: LedgerContext): Promise<LedgerError[]> {
  const { journal } = context;
  if (journal === undefined) return [];
  const problems: unknown[] = [];
  for (const { name, entry, unreadable } of await filesOf(journal, problems)) {
    try {
      if (entry === undefined) throw new Error(`A file of the journal cannot be read: ${unreadable}`);
      await settleOnce(context, entry, entry.outcome);
      await journal.remove(name);
    } catch (error) {
      // Without a database no other entry could be told either.
      if (isDatabaseAway(error)) throw error;
      problems.push(error);
    }
  }
  return problems.length === 0 ? [] : [notReplayed(problems)];
}

async function filesOf(journal: Journal, problems: unknown[]): Promise<readonly JournalFile[]> {
  try {
    return await journal.files();
  } catch (error) {
    problems.push(error);
    return [];
  }
}

function notReplayed(problems: readonly unknown[]): LedgerError {
  return new LedgerError(
    "not-replayed",
    `${problems.length === 1 ? "An entry" : `${problems.length} entries`} of the journal could not be told to the database: see journaled()`,
    { cause: new AggregateError(problems) },
  );
}

export async function journaledCalls({ journal }: LedgerContext): Promise<readonly JournaledCall[]> {
  const files = (await journal?.files()) ?? [];
  return files.map(({ name, entry, unreadable = "no-entry" }) => {
    if (entry === undefined) return { file: name, unreadable };
    const { kind, orderId, oid, price, at, outcome } = entry;
    const { tid } = outcome;
    const ids = { ...(oid === undefined ? {} : { oid }), ...(tid === undefined ? {} : { tid }) };
    return { file: name, call: { kind, orderId, ...ids, price, at } };
  });
}
