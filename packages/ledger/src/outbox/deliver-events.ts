import type { LedgerContext, LedgerTimers } from "../commands/context.js";
import { LedgerError } from "../errors.js";
import type { ClaimedEvent } from "../store/event-rows.js";
import type { ConsumerStatus, DeadLetter, DeadLetterOptions } from "./consumers.js";
import {
  alarmOf,
  beginQueue,
  claimDue,
  type Deliveries,
  defaultHandlerTimeoutMs,
  type EventConsumer,
  fillQueue,
  type Queue,
} from "./consumers.js";
import { deliverOne } from "./deliver-one.js";

/** What a loop sleeps by. */
export interface Bell {
  /** Wakes whoever sleeps; unheard if nobody does. */
  ring(): void;
  /** Until the bell is rung, or for `ms` at most. One at a time. */
  sleep(ms?: number): Promise<void>;
}

export function openBell(timers: LedgerTimers): Bell {
  let wake = () => {};
  return {
    ring: () => wake(),
    sleep: (ms) =>
      new Promise((resolve) => {
        const woken = new AbortController();
        wake = () => {
          resolve();
          woken.abort();
        };
        if (ms === undefined) return;
        const over = () => resolve();
        timers.wait(ms, { signal: woken.signal }).then(over, over);
      }),
  };
}

/** How many events of one consumer a process has under way at most. */
const windowSize = 16;
/** How long a worker rests at most when looking for events fails again and again. */
const longestRestMs = 30_000;

/** Delivers whatever is due, and resolves when nothing is under way any more. */
export async function deliverDue(context: LedgerContext, consumer: EventConsumer): Promise<Deliveries> {
  const queue = await beginQueue(context, consumer);
  const bell = openBell(context.timers);
  let failure: { readonly error: unknown } | undefined;
  const onFailure = (error: unknown) => {
    failure ??= { error };
  };
  const under = openWindow(context, consumer, { bell, onFailure });
  try {
    while (failure === undefined) {
      const before = under.ended;
      const isFull = await under.begin(queue);
      // What ended meanwhile may have let one behind it go.
      if (under.ended !== before) continue;
      if (!isFull && under.size === 0) break;
      await bell.sleep();
    }
  } finally {
    await under.allEnded();
  }
  if (failure !== undefined) throw failure.error;
  return under.sum;
}

/** How long a worker goes on. */
export interface DeliveryLife {
  readonly intervalMs: number;
  readonly bell: Bell;
  isStopped(): boolean;
}

/**
 * Delivers until it is stopped. Whatever fails is told to `onError` and tried again, but for a consumer that was removed: going on
 * would begin it anew, with everything that ever happened.
 */
export async function deliverUntilStopped(
  context: LedgerContext,
  consumer: EventConsumer,
  { intervalMs, bell, isStopped }: DeliveryLife,
): Promise<void> {
  const tell = alarmOf(consumer);
  const under = openWindow(context, consumer, { bell, onFailure: tell });
  let queue: Queue | undefined;
  let failures = 0;
  while (!isStopped()) {
    const before = under.ended;
    let isFull = false;
    try {
      queue ??= await beginQueue(context, consumer);
      isFull = await under.begin(queue);
      failures = 0;
      if (under.ended !== before || isStopped()) continue;
    } catch (error) {
      failures++;
      tell(error);
      if (error instanceof LedgerError && error.code === "consumer-removed") break;
      if (isStopped()) break;
    }
    await bell.sleep(isFull ? undefined : restMs(intervalMs, failures));
  }
  await under.allEnded();
}

/** A database that is away for an hour is not told of every second. */
function restMs(intervalMs: number, failures: number): number {
  return failures === 0
    ? intervalMs
    : Math.max(intervalMs, Math.min(intervalMs * 2 ** failures, longestRestMs));
}

/** The events of a consumer that are under way in this process, each on its own: a slow one holds up nothing but its order. */
function openWindow(
  context: LedgerContext,
  consumer: EventConsumer,
  { bell, onFailure }: { readonly bell: Bell; onFailure(error: unknown): void },
) {
  const { on, handlerTimeoutMs = defaultHandlerTimeoutMs } = consumer;
  const running = new Set<Promise<void>>();
  const sum = { delivered: 0, failed: 0, dead: 0 };
  let ended = 0;
  const taker = { on, handlerTimeoutMs, tell: alarmOf(consumer) };

  async function deliver(claimed: ClaimedEvent): Promise<void> {
    try {
      const result = await deliverOne(context, claimed, taker);
      if (result !== "lost") sum[result]++;
    } catch (error) {
      onFailure(error);
    }
  }

  function start(claimed: ClaimedEvent): void {
    const delivery = deliver(claimed).then(() => {
      running.delete(delivery);
      ended++;
      bell.ring();
    });
    running.add(delivery);
  }

  return {
    sum,
    get size() {
      return running.size;
    },
    /** How many have ended so far. */
    get ended() {
      return ended;
    },
    /** Begins as many of those due as there is room for, and says whether there is no more room. */
    async begin(queue: Queue): Promise<boolean> {
      while (running.size < windowSize) {
        const room = windowSize - running.size;
        const { claimed, isFilling } = await claimDue(context, queue, room);
        // At once, whatever becomes of filling: their leases run.
        for (const each of claimed) start(each);
        if (claimed.length === room || !isFilling || !(await fillQueue(context, queue))) break;
      }
      return running.size === windowSize;
    },
    async allEnded() {
      await Promise.all(running);
    },
  };
}

/** Who takes events, how far each consumer is, and what it failed to take. */
export interface LedgerEventQueues {
  /** Every consumer by name, and how far it is. Its cost does not grow with what waits. */
  consumers(): Promise<readonly ConsumerStatus[]>;
  /**
   * Forgets a consumer, and what waits for it; `false` if there is none. Stop its workers first: one that still runs tells its
   * `onError` so (`consumer-removed`) and delivers nothing more, and one that starts later begins anew. If it fails in the middle,
   * nothing is delivered and nothing begins anew until it was called again.
   *
   * @throws LedgerError `invalid-argument`
   */
  removeConsumer(name: string): Promise<boolean>;
  /** Events that a consumer failed to take ten times; the oldest first. */
  deadLetters(options?: DeadLetterOptions): Promise<readonly DeadLetter[]>;
  /** Delivers a dead letter once more, to one consumer or to all that failed to take it; says to how many. */
  redeliver(eventId: string, options?: Pick<DeadLetterOptions, "consumer">): Promise<number>;
}
