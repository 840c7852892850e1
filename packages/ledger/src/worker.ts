import type { LedgerContext } from "./context.js";
import { LedgerError } from "./errors.js";
import {
  checkConsumer,
  type Deliveries,
  deliverEvents,
  type EventConsumer,
} from "./events/deliver-events.js";
import type { Recovery } from "./recover.js";

/** What {@link Ledger.startWorker} does, and how often. */
export interface WorkerOptions extends EventConsumer {
  /** How long after everything due was delivered it looks again, in milliseconds: 1000. */
  readonly intervalMs?: number;
  /** How often it recovers, in milliseconds: 60 000; the first time at once. */
  readonly recoverEveryMs?: number;
}

/** A worker that is running. */
export interface Worker {
  /** Begins nothing more, and resolves when the handlers that are running have ended. */
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
  const deliveries = await deliverEvents(context, consumer);
  if ("error" in recovery) throw recovery.error;
  return { recovery, ...deliveries };
}

/** Delivers and recovers until it is stopped. Whatever fails is told to `onError`, and tried again. */
export function startWorker(
  context: LedgerContext,
  { intervalMs = 1_000, recoverEveryMs = 60_000, ...options }: WorkerOptions,
  recover: (mayGoOn: () => boolean) => Promise<Recovery>,
): Worker {
  const consumer: EventConsumer = { ...options, onError: tell };
  checkConsumer(consumer);
  checkInterval("intervalMs", intervalMs);
  checkInterval("recoverEveryMs", recoverEveryMs);
  let stopped = false;
  const loops = [
    repeat(recoverEveryMs, () => recover(() => !stopped)),
    repeat(intervalMs, () => deliverEvents(context, consumer, () => !stopped)),
  ];

  /** A failing alarm must not end the worker, and the process with it. */
  function tell(...failure: Parameters<NonNullable<EventConsumer["onError"]>>): void {
    try {
      options.onError?.(...failure);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Recovery may wait for the gateway, and delivery for a handler: neither waits for the other. */
  function repeat(everyMs: number, work: () => Promise<unknown>) {
    let wake = () => {};
    const ended = (async () => {
      while (!stopped) {
        await work().catch((error: unknown) => tell(error));
        if (stopped) return;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, everyMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    })();
    return { ended, wake: () => wake() };
  }

  return {
    async stop() {
      stopped = true;
      for (const { wake } of loops) wake();
      await Promise.all(loops.map(({ ended }) => ended));
    },
  };
}

function checkInterval(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > 2 ** 31 - 1) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds, at least 1`);
  }
}
