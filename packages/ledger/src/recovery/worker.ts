import type { OptionNames } from "@payapi/core/internal";
import type { DatabaseAcceptance, DatabaseState } from "../commands/accepted-database.js";
import type { LedgerContext } from "../commands/context.js";
import {
  alarmOf,
  checkConsumer,
  checkInterval,
  type Deliveries,
  type EventConsumer,
} from "../outbox/consumers.js";
import { deliverDue, deliverUntilStopped, openBell } from "../outbox/deliver-events.js";
import type { JournaledCall, RecoverOptions, Recovery } from "./recover.js";

/** What {@link Ledger.startWorker} does, and how often. */
export interface WorkerOptions extends EventConsumer {
  /**
   * How long after everything due was delivered it looks again, in milliseconds: 1000. While looking fails, twice as long each
   * time, up to 30 000.
   */
  readonly intervalMs?: number;
  /** How often it recovers, in milliseconds: 60 000; the first time at once. */
  readonly recoverEveryMs?: number;
}

const workerNames = { intervalMs: true, recoverEveryMs: true } satisfies OptionNames<
  Omit<WorkerOptions, keyof EventConsumer>
>;

/** A worker that is running. */
export interface Worker {
  /**
   * Begins nothing more, and resolves when the handlers that are running have ended. A handler that awaits it waits for itself:
   * inside one, call it and go on.
   */
  stop(): Promise<void>;
}

/** What one run did. */
export interface WorkerRun extends Deliveries {
  readonly recovery: Recovery;
}

export async function runOnce(
  context: LedgerContext,
  consumer: EventConsumer,
  recover: () => Promise<Recovery>,
): Promise<WorkerRun> {
  checkConsumer(consumer);
  // First, so that what it finds out is told in the same run.
  const recovery = await recover().catch((error: unknown) => ({ error }));
  // What cannot be recovered is no reason to keep the shop's code waiting for its events.
  const deliveries = await deliverDue(context, consumer);
  if ("error" in recovery) throw recovery.error;
  return { recovery, ...deliveries };
}

/** Delivers and recovers until it is stopped. Whatever fails is told to `onError`, and tried again. */
export function startWorker(
  context: LedgerContext,
  options: WorkerOptions,
  recover: (mayGoOn: () => boolean) => Promise<Recovery>,
): Worker {
  checkConsumer(options, workerNames);
  const { intervalMs = 1_000, recoverEveryMs = 60_000, ...consumer } = options;
  checkInterval("intervalMs", intervalMs);
  checkInterval("recoverEveryMs", recoverEveryMs);
  const tell = alarmOf(consumer);
  let stopped = false;
  const isStopped = () => stopped;
  const bells = { recovery: openBell(context.timers), delivery: openBell(context.timers) };
  // Recovery may wait for the gateway, and delivery for a handler: neither waits for the other.
  const loops = [
    recoverUntilStopped(),
    deliverUntilStopped(context, consumer, { intervalMs, bell: bells.delivery, isStopped }),
  ];

  async function recoverUntilStopped(): Promise<void> {
    while (!stopped) {
      await recover(() => !stopped).catch((error: unknown) => tell(error));
      if (!stopped) await bells.recovery.sleep(recoverEveryMs);
    }
  }

  return {
    async stop() {
      stopped = true;
      bells.recovery.ring();
      bells.delivery.ring();
      await Promise.all(loops);
    },
  };
}

/** What keeps a ledger going: recovery, workers, the journal, and the database that counts. */
export interface LedgerOperations {
  /**
   * Tells the database what is in the journal. Ends calls whose process fell silent: reserved ones become not-sent, sent ones unknown; and removes counters and
   * answers whose time is over. If the ledger was given the whole `PayApi`, it also ends at the gateway what can be ended there: it
   * net-cancels unknown approvals of the payment page, repeats unknown full cancels identically (at most 3 times), and
   * deletes stopped billing keys. Safe to run at any time, from any number of processes; run it at start and every minute.
   *
   * While the database is not accepted, reserved calls stay as they are and the gateway is not called. Calls that were reserved before it
   * was accepted become unknown: whether they were sent may be among what it lost.
   *
   * Whatever cannot be ended stays for the next run and does not keep it from the rest: only then it rejects, with the first failure.
   *
   * @throws LedgerError `not-replayed` when something in the journal could not be told to the database: see `journal()`
   */
  recover(options?: RecoverOptions): Promise<Recovery>;
  /**
   * Recovers every minute, and delivers events to handlers as they come, until it is stopped or the ledger closed.
   *
   * @throws LedgerError `closing` once `close()` was called
   */
  startWorker(options: WorkerOptions): Worker;
  /** Recovers and delivers whatever is due, once: for cron and serverless. */
  runOnce(consumer: EventConsumer): Promise<WorkerRun>;
  /**
   * What the journal keeps since the database could not be told. Normally nothing: `recover()` tells it. What stays is for an
   * operator, and `recover()` rejects until it is gone: the call is not in this database, the database refuses what it says, or the
   * file cannot be read. Empty without a journal.
   */
  journal(): Promise<readonly JournaledCall[]>;
  /**
   * Whether the database is the one that was accepted last. Until it is, every reservation and every link is refused with
   * `database-changed`, and no call is sent.
   */
  database(): Promise<DatabaseState>;
  /**
   * Says that the database may be used for money although it was restored, or another server took over: somebody compared it with
   * the gateway's console. Kept for ever.
   *
   * @throws LedgerError `database-changed` when it is another by now than the one that was `seen`, `invalid-argument`
   */
  acceptDatabase(word: DatabaseAcceptance): Promise<DatabaseState>;
}
