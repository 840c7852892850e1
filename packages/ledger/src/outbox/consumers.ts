import type { LedgerContext } from "../commands/context.js";
import { checkName } from "./event-consumer.js";

/** How far a consumer is. */
export interface ConsumerStatus {
  readonly consumer: string;
  readonly createdAt: Date;
  /** Events that it has not taken yet, those under way included; 10 000 means as many or more. */
  readonly waiting: number;
  /** Events that it failed to take ten times, see `deadLetters()`; 10 000 means as many or more. */
  readonly dead: number;
  /** When the oldest event that waits was written; missing if none does. */
  readonly oldestWaitingAt?: Date;
  /** `true` while it is new, and its queue does not hold every event of before it yet. */
  readonly filling: boolean;
  /** `true` if `removeConsumer` began and has not ended: call it again. */
  readonly removing: boolean;
}

const countedAtMost = 10_000;
/** How many deliveries are deleted by one transaction. */
const removeStep = 2_000;

export async function consumers({ store, mid }: LedgerContext): Promise<readonly ConsumerStatus[]> {
  const counted = await store.read((tx) => tx.events.consumerCounts(mid, countedAtMost));
  return counted.map(({ oldestWaitingAt, waiting, ...status }) => ({
    ...status,
    waiting: Math.min(waiting, countedAtMost),
    ...(oldestWaitingAt === null ? {} : { oldestWaitingAt }),
  }));
}

/** In steps, each of which may be the last one of this process: whoever calls it again goes on. */
export async function removeConsumer(context: LedgerContext, consumer: string): Promise<boolean> {
  checkName(consumer);
  const { mid, store } = context;
  const generation = await store.transaction(async (tx) => {
    const row = await tx.events.lockConsumer(mid, consumer);
    if (row?.removedAt === null) await tx.events.markRemoved(mid, consumer, context.now(tx));
    return row?.generation;
  });
  if (generation === undefined) return false;
  let isLast = false;
  for (;;) {
    const found = await store.transaction(async (tx) => {
      const row = await tx.events.lockConsumer(mid, consumer);
      // Somebody else removed it meanwhile, and it may even have begun anew.
      if (row?.generation !== generation) return "nothing";
      // Whoever began to write before the mark may still put an event into the queue.
      if (isLast) await tx.events.holdWriters(mid);
      if ((await tx.events.deleteDeliveries(mid, consumer, removeStep)) === removeStep) return "more";
      if (!isLast) return "end";
      await tx.events.deleteConsumer(mid, consumer);
      return "nothing";
    });
    if (found === "nothing") return true;
    isLast = found === "end";
  }
}
