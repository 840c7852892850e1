import { databaseState, isAccepted, outcomeOfReserved } from "../commands/accepted-database.js";
import { endSilentIssue } from "../commands/billing-keys.js";
import { changeOrder } from "../commands/change-order.js";
import { type LedgerContext, silenceOf } from "../commands/context.js";
import { adopt } from "../commands/operator-statements.js";
import { settleOnce } from "../commands/settle.js";
import type { SilentOutcome } from "../domain/sending.js";
import { LedgerError } from "../errors.js";
import type { Journal, JournalEntry, JournalFile } from "../store/journal.js";
import type { StaleCall } from "../store/port.js";
import {
  countKeysLeft,
  type GatewayRecovery,
  isDatabaseAway,
  type RecoveryRun,
  recoverAtGateway,
} from "./recover-at-gateway.js";

/** What one run of `recover()` did. */
export interface Recovery extends GatewayRecovery {
  /** Reserved calls that were never sent and are now `not-sent`; their orders may be paid again. */
  readonly notSent: number;
  /**
   * Calls that are now `unknown`: they were sent and never settled, or reserved before the database was replaced. Their orders are locked; of
   * a billing key issue, the key may exist at the gateway.
   */
  readonly unknown: number;
  /** Stopped billing keys that recovery still has to delete, and that this process can't, since it has no `secrets` or no `PayApi`. */
  readonly keysLeft: number;
}

/** Options of `recover()`. */
export interface RecoverOptions {
  /** Ends the run early: no further call begins, calls in flight are settled, and `recover()` resolves. */
  readonly signal?: AbortSignal;
}

const batchSize = 200;

/**
 * Ends the calls whose process is silent, and then ends unknown calls at the gateway. A call that was never marked as sending was not sent, since
 * marking it is refused from now on; a marked one may have been sent. While the database is not accepted, reserved calls stay reserved and
 * the gateway is not called, since the rows that marked calls may be lost.
 */
export async function recover(context: LedgerContext, run: RecoveryRun): Promise<Recovery> {
  const { errors } = run;
  const done = { notSent: 0, unknown: 0 };
  await endStaleCalls(context, done, run);
  const { gateway } = context;
  // Otherwise each call would be refused, and add a transition each time.
  const maySend = run.mayGoOn() && gateway !== undefined && (await databaseState(context)).accepted;
  const ended = maySend
    ? await recoverAtGateway(context, gateway, run)
    : { netCancelled: 0, repeated: 0, cancelled: 0, keysDeleted: 0 };
  const keysLeft = await countKeysLeft(context);
  // Runs even if a call fails in every run, so that expired rows do not pile up.
  await removeEnded(context, run);
  if (errors.length > 0) throw errors[0];
  return { ...done, ...ended, keysLeft };
}

/** Ends silent calls. One that can't be ended does not block the others; the next run tries it again. */
async function endStaleCalls(
  context: LedgerContext,
  done: { notSent: number; unknown: number },
  { mayGoOn, errors }: RecoveryRun,
): Promise<void> {
  let after: string | undefined;
  while (mayGoOn()) {
    const stale = await context.store.read((tx) =>
      tx.staleCalls(context.mid, { ...silenceOf(context, context.now(tx)), limit: batchSize, after }),
    );
    for (const call of stale) {
      if (!mayGoOn()) return;
      try {
        const ended = await endStaleCall(context, call);
        if (ended === undefined) continue;
        done[ended === "not-sent" ? "notSent" : "unknown"]++;
        const of = call.kind === "key" ? { keyId: call.of } : { orderId: call.of };
        context.log.write(`recovered-${ended}`, { ...of, callId: call.id, kind: call.kind });
      } catch (error) {
        // Without the database no other call can be ended either.
        if (isDatabaseAway(error)) throw error;
        errors.push(error);
      }
    }
    after = stale.at(-1)?.id;
    if (stale.length < batchSize) return;
  }
}

/** Deletes expired rate limits and idempotency keys. */
async function removeEnded({ store, mid, clock }: LedgerContext, { mayGoOn }: RecoveryRun): Promise<void> {
  while (mayGoOn()) {
    if ((await store.removeEnded(mid, clock?.(), batchSize)) < batchSize) return;
  }
}

/** Ends a silent call and returns its outcome; `undefined` if another process ended it, or if the database must be accepted first. */
async function endStaleCall(
  context: LedgerContext,
  { kind, id, of, state, createdAt }: StaleCall,
): Promise<SilentOutcome | undefined> {
  const isReserved = state === "reserved";
  const outcome = isReserved
    ? outcomeOfReserved(await context.store.compareDatabase(), createdAt)
    : "unknown";
  if (outcome === undefined) return undefined;
  if (kind === "key") return endSilentIssue(context, { id, state }, outcome);
  const call = { kind, id, state };
  return changeOrder(context, of, (at) => ({ kind: "silence", call, outcome, at }), {
    onlyIfAccepted: isReserved,
  });
}

/** A file of the journal: a call that the gateway approved and the database has not settled. */
export interface JournaledCall {
  /** The file in the journal's folder. */
  readonly file: string;
  /** Why the file can't be read: a system error code such as `EACCES`, or `no-entry` for a file that is damaged or from another version. */
  readonly unreadable?: string;
  /** The call; missing if the file can't be read. */
  readonly call?: {
    readonly kind: "approval" | "cancel";
    readonly orderId: string;
    /** The order number to search for in the gateway's console; only for an approval. */
    readonly oid?: string;
    readonly tid?: string;
    /** The requested amount, in won. */
    readonly price: number;
    /** When the entry was written. */
    readonly at: Date;
  };
}

/**
 * Settles the calls of the journal in the database, and resolves to the errors. Safe to run at any time from several processes: settling twice
 * changes nothing. Entries are independent; one that fails stays in the journal.
 *
 * @throws LedgerUnavailableError without a database
 */
export async function replayJournal(context: LedgerContext): Promise<LedgerError[]> {
  const { journal } = context;
  if (journal === undefined) return [];
  const problems: unknown[] = [];
  for (const { name, entry, unreadable } of await filesOf(journal, problems)) {
    try {
      if (entry === undefined) throw new Error(`The journal file ${name} can't be read: ${unreadable}`);
      await settleOnce(context, entry, entry.outcome).catch((error: unknown) =>
        adoptLost(context, entry, error),
      );
      await journal.remove(name);
    } catch (error) {
      // Without the database no other entry can be settled either.
      if (isDatabaseAway(error)) throw error;
      problems.push(error);
    }
  }
  return problems.length === 0 ? [] : [notReplayed(problems)];
}

/**
 * After a failover or a restore, the call of an entry may be missing: the entry proves its payment, which is adopted. In a database that was never
 * replaced the entry belongs to another one, so it stays in the journal.
 */
async function adoptLost(
  context: LedgerContext,
  { id, kind, orderId, oid, payType, price, outcome, at }: JournalEntry,
  error: unknown,
): Promise<void> {
  const isLost = error instanceof LedgerError && error.code === "no-such-call";
  if (!isLost) throw error;
  const compared = await context.store.compareDatabase();
  if (compared.isFirst && isAccepted(compared)) throw error;
  // Nothing of it is there, and nothing was sent.
  if (outcome.outcome === "not-sent") return;
  const { tid } = outcome;
  const isWhole =
    kind === "approval" && outcome.outcome === "succeeded" && (outcome.price ?? price) === price;
  if (!isWhole || tid === undefined || oid === undefined || payType === undefined) throw error;
  const note = { actor: "journal", evidence: `the journal's entry of ${at.toISOString()}` };
  await adopt(context, orderId, { oid, tid, price, cancelled: 0, payType }, note, id);
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
    `${problems.length === 1 ? "1 entry" : `${problems.length} entries`} of the journal could not be written to the database: list them with operations.journal()`,
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
