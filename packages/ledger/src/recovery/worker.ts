import type { OptionNames } from "@payapi/core/internal";
import { type DatabaseState, watchDatabase } from "../commands/accepted-database.js";
import { checkAccepted } from "../commands/change-order.js";
import type { LedgerContext } from "../commands/context.js";
import type {
  ComparedPayment,
  ConsoleTransaction,
  DatabaseAcceptance,
} from "../commands/operator-statements.js";
import { checkClock } from "../commands/reserve.js";
import { errorFields, LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "../errors.js";
import {
  checkConsumer,
  checkInterval,
  type Deliveries,
  type EventConsumer,
  errorReporter,
} from "../outbox/consumers.js";
import { createWakeUp, deliverDue, deliverUntilStopped } from "../outbox/deliver-events.js";
import type { JournaledCall, RecoverOptions, Recovery } from "./recover.js";

/** Options of `operations.startWorker`. */
export interface WorkerOptions extends EventConsumer {
  /**
   * How long the worker waits before it looks for events again, in milliseconds (default: 1_000). While looking fails, the pause doubles up to
   * 30_000.
   */
  readonly intervalMs?: number;
  /** The pause between two runs of `recover()`, in milliseconds (default: 60_000). The first run starts at once. */
  readonly recoverEveryMs?: number;
}

const workerNames = { intervalMs: true, recoverEveryMs: true } satisfies OptionNames<
  Omit<WorkerOptions, keyof EventConsumer>
>;

/** A running worker. */
export interface Worker {
  /**
   * Stops the worker: starts nothing more, and resolves when running handlers have ended. Do not await `stop()` inside a handler: it waits
   * for that handler.
   */
  stop(): Promise<void>;
}

/** The result of `operations.runOnce`. */
export interface WorkerRun extends Deliveries {
  readonly recovery: Recovery;
}

export async function runOnce(
  context: LedgerContext,
  consumer: EventConsumer,
  recover: () => Promise<Recovery>,
): Promise<WorkerRun> {
  checkConsumer(consumer);
  // Recovery first, so that its events are delivered in the same run.
  const recovery = await recover().catch((error: unknown) => ({ error }));
  // Events are delivered even if recovery failed.
  const deliveries = await deliverDue(context, consumer);
  if ("error" in recovery) throw recovery.error;
  return { recovery, ...deliveries };
}

/** Whether calls are reserved and sent. */
export interface LedgerHealth {
  readonly canSend: boolean;
  /**
   * Why not. `database-changed`: an operator has to accept the database. `standby`: the database can only be read. `unavailable`: it does not
   * answer. `clock-skew`, `unsafe-database`, `not-migrated`: as `LedgerError.code`.
   */
  readonly reason?: LedgerErrorCode | "standby";
}

/** Asks the database, for a health check of the shop. */
export async function healthOf(context: LedgerContext): Promise<LedgerHealth> {
  try {
    // A standby does not reveal its timeline.
    if ((await context.store.replication()) === "standby") return { canSend: false, reason: "standby" };
    checkAccepted(await context.store.compareDatabase());
    await checkClock(context);
    return { canSend: true };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return { canSend: false, reason: error.code };
  }
}

/** How soon an idle shop notices that its database was replaced. */
const watchEveryMs = 10_000;

/** Delivers and recovers until it is stopped. Failures are passed to `onError` and retried. */
export function startWorker(
  context: LedgerContext,
  options: WorkerOptions,
  recover: (mayGoOn: () => boolean) => Promise<Recovery>,
): Worker {
  checkConsumer(options, workerNames);
  const { intervalMs = 1_000, recoverEveryMs = 60_000, ...consumer } = options;
  checkInterval("intervalMs", intervalMs);
  checkInterval("recoverEveryMs", recoverEveryMs);
  const reportError = errorReporter(consumer);
  let stopped = false;
  const isStopped = () => stopped;
  const wakeUps = {
    recovery: createWakeUp(context.timers),
    delivery: createWakeUp(context.timers),
    watch: createWakeUp(context.timers),
  };
  // Separate loops, since recovery may wait for the gateway and delivery for a handler.
  const loops = [
    recoverUntilStopped(),
    watchUntilStopped(),
    deliverUntilStopped(context, consumer, { intervalMs, wakeUp: wakeUps.delivery, isStopped }),
  ];

  function failed(error: unknown): void {
    context.warnings.write("recovery-failed", errorFields(error));
    reportError(error);
  }

  async function recoverUntilStopped(): Promise<void> {
    while (!stopped) {
      await recover(() => !stopped).catch(failed);
      if (!stopped) await wakeUps.recovery.sleep(recoverEveryMs);
    }
  }

  async function watchUntilStopped(): Promise<void> {
    const watch = watchDatabase(context);
    while (!stopped) {
      await watch().catch((error: unknown) => {
        // Delivery reports an outage already, with growing pauses.
        if (!(error instanceof LedgerUnavailableError)) failed(error);
      });
      if (!stopped) await wakeUps.watch.sleep(watchEveryMs);
    }
  }

  return {
    async stop() {
      stopped = true;
      wakeUps.recovery.wake();
      wakeUps.watch.wake();
      wakeUps.delivery.wake();
      await Promise.all(loops);
    },
  };
}

/** Recovery, workers, the journal and the database. */
export interface LedgerOperations {
  /**
   * Recovers after crashes and outages. Writes the journal's entries to the database; ends calls whose process is silent (reserved ones become
   * `not-sent`, sent ones `unknown`); deletes expired rate limits and idempotency keys. With a `PayApi` it then calls the gateway:
   * it net-cancels unknown approvals of the payment page, repeats unknown full cancels identically (at most 3 times), and deletes
   * stopped billing keys. Safe to run at any time, in any number of processes; run it at start and every minute.
   *
   * While the database is not accepted, reserved calls stay reserved and the gateway is not called. Calls that were reserved before the
   * database was accepted become `unknown`, since the rows that marked them as sending may be lost.
   *
   * A call that can't be ended stays for the next run, and does not block the others. At the end `recover()` rejects with the first failure.
   *
   * @throws LedgerError `not-replayed` if an entry of the journal could not be written to the database: see `journal()`
   */
  recover(options?: RecoverOptions): Promise<Recovery>;
  /**
   * Starts a worker, which recovers every minute and delivers events to handlers until it is stopped or the ledger is closed.
   *
   * @throws LedgerError `closing` once `close()` was called
   */
  startWorker(options: WorkerOptions): Worker;
  /** Recovers and delivers due events once; for cron and serverless. */
  runOnce(consumer: EventConsumer): Promise<WorkerRun>;
  /**
   * The files of the journal. Normally none, since `recover()` writes them to the database. A file stays, and makes `recover()` reject, if its
   * call is not in this database, the database refuses its content, or it can't be read: an operator looks the call up and moves the file
   * away. Empty without a journal.
   */
  journal(): Promise<readonly JournaledCall[]>;
  /** Whether calls are reserved and sent now, and why not; for the shop's health check. */
  health(): Promise<LedgerHealth>;
  /** Whether the database is the accepted one. If not, reservations and links are refused with `database-changed`, and no call is sent. */
  database(): Promise<DatabaseState>;
  /**
   * Compares payments of the gateway's console with the ledger, and writes nothing. Shows what `acceptDatabase` would do with them.
   *
   * @throws LedgerError `invalid-argument`
   */
  compareTransactions(transactions: readonly ConsoleTransaction[]): Promise<readonly ComparedPayment[]>;
  /**
   * Accepts the database after a restore or a failover, with the transactions of the gateway's console: payments that the ledger lost are
   * adopted first. Stored permanently. Safe to repeat.
   *
   * @throws LedgerError `database-changed` if the database is not the one in `seen`; `invalid-argument`
   */
  acceptDatabase(acceptance: DatabaseAcceptance): Promise<DatabaseState>;
}
