import type { OptionNames } from "@payapi/core/internal";
import type { LedgerContext } from "../commands/context.js";
import {
  alarmOf,
  checkConsumer,
  checkInterval,
  type Deliveries,
  type EventConsumer,
} from "../outbox/consumers.js";
import { deliverDue, deliverUntilStopped, openBell } from "../outbox/deliver-events.js";
import type { Recovery } from "./recover.js";

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
