import { type LedgerContext, newId } from "../commands/context.js";
import { LedgerError } from "../errors.js";
import type { ConsumerRow } from "../store/event-rows.js";
import type { EventConsumer } from "./event-consumer.js";

/** How long a consumer may be silent about an event before another process takes it. */
export const leaseMs = 60_000;
/** How many events of before a consumer are put into its queue by one transaction. */
const fillStep = 1_000;
/** The same while everybody who writes an event waits for it. */
const lastStep = 200;
/** How many of those that wait behind one that failed are put off by one look. */
const blockedStep = 1_000;
/** A queue with as many that wait gets no more of them: its consumer fails to take what it has. */
const fillLimit = 10_000;

/** The queue of a consumer, as one worker or run began with it. */
export interface Queue {
  readonly consumer: string;
  readonly generation: string;
}

/** The consumer's queue, which begins if there is none. */
export async function beginQueue(
  context: LedgerContext,
  { consumer, startFrom = "beginning" }: EventConsumer,
): Promise<Queue> {
  const { mid, store } = context;
  // Nobody waits for one that begins: what there is by now is found out when its queue is filled.
  const fill = startFrom === "now" ? null : { filledTo: 0, fillUntil: 0 };
  const row =
    (await store.read((tx) => tx.events.consumer(mid, consumer))) ??
    (await store.transaction(async (tx) => {
      await tx.events.insertConsumer(mid, consumer, { generation: newId(), at: context.now(tx), fill });
      return tx.events.consumer(mid, consumer);
    }));
  if (row?.removedAt !== null) {
    throw new LedgerError(
      "consumer-removed",
      `The removal of the consumer ${consumer} has not ended: call removeConsumer again, and start its worker anew to begin again`,
    );
  }
  return { consumer, generation: row.generation };
}

/**
 * Claims up to `limit` of what is due. If those were fewer and the queue is still being filled, `fillQueue` finds more.
 *
 * @throws LedgerError `consumer-removed`
 */
export function claimDue(context: LedgerContext, queue: Queue, limit: number) {
  const { mid, store } = context;
  const { consumer } = queue;
  return store.transaction(async (tx) => {
    const now = context.now(tx);
    const locked = await tx.events.lockToClaim(mid, consumer, now);
    const isFilling = stillThere(queue, locked ?? (await tx.events.consumer(mid, consumer))).fill !== null;
    if (locked === undefined) await tx.events.putOffBlocked(mid, consumer, { now, limit: blockedStep });
    const until = new Date(now.getTime() + leaseMs);
    const lease = { id: newId(), now, until, limit };
    return { claimed: locked === undefined ? [] : await tx.events.claim(mid, consumer, lease), isFilling };
  });
}

/**
 * Puts the next events of before the consumer into its queue, and says whether there may be something to claim now. Only what is
 * committed for certain may be read up to a position, so the limit is moved on while nobody writes; and when only a few are left,
 * they are put in at that time, and writers do it themselves from then on.
 */
export function fillQueue(context: LedgerContext, queue: Queue): Promise<boolean> {
  const { mid, store } = context;
  const { consumer } = queue;
  return store.transaction(async (tx) => {
    const row = stillThere(queue, await tx.events.lockConsumer(mid, consumer));
    // Another process may have done it meanwhile.
    if (row.fill === null || (await tx.events.lockToClaim(mid, consumer, context.now(tx)))) return true;
    if ((await tx.events.countWaiting(mid, consumer, fillLimit)) >= fillLimit) return false;
    const atLimit = row.fill.filledTo === row.fill.fillUntil;
    const fillUntil = atLimit ? await tx.events.holdWriters(mid) : row.fill.fillUntil;
    const limit = atLimit ? lastStep : fillStep;
    const { filledTo: from } = row.fill;
    const filledTo = await tx.events.fillQueue(mid, consumer, { filledTo: from, fillUntil, limit });
    const isWhole = atLimit && filledTo === fillUntil;
    await tx.events.setFill(mid, consumer, isWhole ? null : { filledTo, fillUntil });
    return true;
  });
}

function stillThere({ consumer, generation }: Queue, row: ConsumerRow | undefined): ConsumerRow {
  if (row?.generation === generation && row.removedAt === null) return row;
  throw new LedgerError(
    "consumer-removed",
    `The consumer ${consumer} was removed: this worker delivers nothing more to it. Stop the worker, or start it anew to begin again`,
  );
}
