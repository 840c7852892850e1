import type { LedgerContext, LedgerTimers } from "../commands/context.js";
import { errorFields, LedgerError } from "../errors.js";
import type { ClaimedEvent, QueueName } from "../store/event-rows.js";
import type { ConsumerStatus, DeadLetter, DeadLetterOptions } from "./consumers.js";
import {
  beginQueue,
  claimDue,
  type Deliveries,
  defaultHandlerTimeoutMs,
  type EventConsumer,
  errorReporter,
  fillQueue,
} from "./consumers.js";
import { deliverOne } from "./deliver-one.js";

/** Lets a loop sleep until it is woken. */
export interface WakeUp {
  /** Ends the current sleep, if there is one. */
  wake(): void;
  /** Sleeps until `wake` is called, for `ms` at most. One sleep at a time. */
  sleep(ms?: number): Promise<void>;
}

export function createWakeUp(timers: LedgerTimers): WakeUp {
  let wake = () => {};
  return {
    wake: () => wake(),
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

/** How many events of one consumer a process delivers at once. */
const windowSize = 16;
/** The longest pause of a worker while looking for events keeps failing. */
const longestRestMs = 30_000;

/** Delivers all due events, and resolves when all handlers have ended. */
export async function deliverDue(context: LedgerContext, consumer: EventConsumer): Promise<Deliveries> {
  const queue = await beginQueue(context, consumer);
  const wakeUp = createWakeUp(context.timers);
  let failure: { readonly error: unknown } | undefined;
  const onFailure = (error: unknown) => {
    failure ??= { error };
  };
  const under = openWindow(context, consumer, { wakeUp, onFailure });
  try {
    while (failure === undefined) {
      const before = under.ended;
      const isFull = await under.begin(queue);
      // An event that ended meanwhile may have made the next one of its order due.
      if (under.ended !== before) continue;
      if (!isFull && under.size === 0) break;
      await wakeUp.sleep();
    }
  } finally {
    await under.allEnded();
  }
  if (failure !== undefined) throw failure.error;
  return under.sum;
}

/** How a delivery loop sleeps and stops. */
export interface DeliveryLife {
  readonly intervalMs: number;
  readonly wakeUp: WakeUp;
  isStopped(): boolean;
}

/**
 * Delivers events until it is stopped. Failures are passed to `onError` and retried. It ends if the consumer was removed: going on would create
 * the consumer again, with every event ever written.
 */
export async function deliverUntilStopped(
  context: LedgerContext,
  consumer: EventConsumer,
  { intervalMs, wakeUp, isStopped }: DeliveryLife,
): Promise<void> {
  const report = errorReporter(consumer);
  const reportError = (error: unknown) => {
    context.warnings.write("delivery-failed", { consumer: consumer.consumer, ...errorFields(error) });
    report(error);
  };
  const under = openWindow(context, consumer, { wakeUp, onFailure: reportError });
  let queue: QueueName | undefined;
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
      reportError(error);
      if (error instanceof LedgerError && error.code === "consumer-removed") break;
      if (isStopped()) break;
    }
    await wakeUp.sleep(isFull ? undefined : restMs(intervalMs, failures));
  }
  await under.allEnded();
}

/** Doubles the pause with each failure, so that an outage of an hour is not reported every second. */
function restMs(intervalMs: number, failures: number): number {
  return failures === 0
    ? intervalMs
    : Math.max(intervalMs, Math.min(intervalMs * 2 ** failures, longestRestMs));
}

/** The events of a consumer that this process is delivering, independently of each other: a slow handler delays only its order. */
function openWindow(
  context: LedgerContext,
  consumer: EventConsumer,
  { wakeUp, onFailure }: { readonly wakeUp: WakeUp; onFailure(error: unknown): void },
) {
  const { on, handlerTimeoutMs = defaultHandlerTimeoutMs } = consumer;
  const running = new Set<Promise<void>>();
  const sum = { delivered: 0, failed: 0, dead: 0 };
  let ended = 0;
  const taker = { on, handlerTimeoutMs, reportError: errorReporter(consumer) };

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
      wakeUp.wake();
    });
    running.add(delivery);
  }

  return {
    sum,
    get size() {
      return running.size;
    },
    /** How many deliveries have ended so far. */
    get ended() {
      return ended;
    },
    /** Starts as many due events as fit, and returns whether the window is full. */
    async begin(queue: QueueName): Promise<boolean> {
      while (running.size < windowSize) {
        const room = windowSize - running.size;
        const { claimed, isFilling } = await claimDue(context, queue, room);
        // Started before the queue is filled further, since their leases run.
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

/** Shows and manages consumers, their queues and dead letters. */
export interface LedgerEventQueues {
  /** All consumers by name, with the state of their queues. Its cost does not grow with the queues. */
  consumers(): Promise<readonly ConsumerStatus[]>;
  /**
   * Removes a consumer and its queue; resolves to `false` if it does not exist. Stop its workers first: a running one delivers nothing more and
   * reports `consumer-removed` to `onError`, and one that starts later creates the consumer again. If the removal is interrupted, nothing is
   * delivered until it is called again.
   *
   * @throws LedgerError `invalid-argument`
   */
  removeConsumer(name: string): Promise<boolean>;
  /** Events whose delivery failed ten times; oldest first. */
  deadLetters(options?: DeadLetterOptions): Promise<readonly DeadLetter[]>;
  /** Queues a dead letter again, for one consumer or for all that have it as a dead letter; returns for how many. */
  redeliver(eventId: string, options?: Pick<DeadLetterOptions, "consumer">): Promise<number>;
}
