import { isOptions, type KnownOptions, type OptionNames, optionProblems } from "@payapi/core/internal";
import { checkLimit, checkText } from "../commands/check-request.js";
import { type LedgerContext, newId } from "../commands/context.js";
import type { EventHandlers, LedgerEvent } from "../domain/event-types.js";
import { keyEventKinds, orderEventKinds, readEvent } from "../domain/event-types.js";
import { LedgerError, refuseOptions } from "../errors.js";
import type { ConsumerRow } from "../store/event-rows.js";

/** Whoever takes events, and what for. */
export interface EventConsumer {
  /** Its name: processes with the same one share the work, and each event is taken by one of them. */
  readonly consumer: string;
  readonly on: EventHandlers;
  /**
   * Where a consumer begins that there was not before: with every event there ever was (`beginning`, the default), or with those
   * written from now on. One that has begun goes on where it is, whatever is said here.
   */
  readonly startFrom?: "beginning" | "now";
  /**
   * How long a handler may take, in milliseconds: 300 000. After that its event has failed as `HandlerTimeout` and comes again
   * like any other, even if the handler goes on: it should end when its `signal` is aborted.
   */
  readonly handlerTimeoutMs?: number;
  /** Told of everything that fails and is tried again: a handler (with its event), or the database. What it throws is not heard. */
  readonly onError?: (error: unknown, event?: LedgerEvent) => void;
}

/** What came of the events that were due. */
export interface Deliveries {
  readonly delivered: number;
  /** Handlers that threw or took too long: their events come again. */
  readonly failed: number;
  /** Events that failed for the last time; see `events.deadLetters()`. */
  readonly dead: number;
}

export type Alarm = NonNullable<EventConsumer["onError"]>;

/** Its `onError`. A failing alarm must not end a worker, and the process with it. */
export function alarmOf({ onError }: EventConsumer): Alarm {
  return (...failed) => {
    // One that is asynchronous may fail later. There is nobody left to tell.
    new Promise((resolve) => resolve(onError?.(...failed))).catch(() => {});
  };
}

export const defaultHandlerTimeoutMs = 300_000;

const consumerNames = {
  consumer: true,
  on: true,
  startFrom: true,
  handlerTimeoutMs: true,
  onError: true,
} satisfies OptionNames<EventConsumer>;

const eventNames = Object.fromEntries(
  [...orderEventKinds, ...keyEventKinds, "escrow", "notification-needs-review"].map((kind) => [kind, true]),
) as OptionNames<EventHandlers>;

const documented = 'docs/guides/ledger-reference.md, "Events"';

/** Refuses misspelled names, too: a misspelled kind of event would never be delivered. `more` are the names of a worker's own options. */
export function checkConsumer(given: EventConsumer, more: KnownOptions["names"] = {}): void {
  const names = { ...consumerNames, ...more };
  const handlers = isOptions(given) && "on" in given ? given.on : undefined;
  refuseOptions([
    ...optionProblems(given, { names, documented }),
    ...(isOptions(handlers)
      ? optionProblems(handlers, { names: eventNames, documented, within: "on", what: "kind of event" })
      : []),
  ]);
  const { consumer, on, startFrom, handlerTimeoutMs } = given;
  checkName(consumer);
  if (typeof on !== "object" || on === null) {
    throw new LedgerError("invalid-argument", "on must have the handlers, by the kind of event");
  }
  if (startFrom !== undefined && startFrom !== "beginning" && startFrom !== "now") {
    throw new LedgerError("invalid-argument", 'startFrom must be "beginning" or "now"');
  }
  if (handlerTimeoutMs !== undefined) checkInterval("handlerTimeoutMs", handlerTimeoutMs);
}

export function checkName(consumer: string): void {
  if (typeof consumer !== "string" || !/^[A-Za-z0-9_.-]{1,100}$/.test(consumer)) {
    throw new LedgerError(
      "invalid-argument",
      "consumer must be a name of 1 to 100 letters, digits, dots, hyphens or underscores",
    );
  }
}

export function checkInterval(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > 2 ** 31 - 1) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds, at least 1`);
  }
}

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

/** How far a consumer is. */
export interface ConsumerStatus {
  readonly consumer: string;
  readonly createdAt: Date;
  /** Events that it has not taken yet, those under way included; 10 000 means as many or more. */
  readonly waiting: number;
  /** Events that it failed to take ten times, see `events.deadLetters()`; 10 000 means as many or more. */
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

/** An event that a consumer failed to take ten times. Those after it, about the same order, were delivered. */
export interface DeadLetter {
  readonly consumer: string;
  readonly event: LedgerEvent;
  readonly deadAt: Date;
  /** The name of what its handler threw last, or `process-ended`. */
  readonly failure?: string;
}

export interface DeadLetterOptions {
  /** Only those of this consumer. */
  readonly consumer?: string;
  /** At most this many, 50; at most 500. */
  readonly limit?: number;
}

export async function deadLetters(
  context: LedgerContext,
  { consumer, limit = 50 }: DeadLetterOptions = {},
): Promise<readonly DeadLetter[]> {
  checkLimit(limit);
  const page = { limit, ...(consumer === undefined ? {} : { consumer }) };
  const dead = await context.store.read((tx) => tx.events.deadDeliveries(context.mid, page));
  return dead.map(({ event, tries, failure, deadAt, consumer: of }) => ({
    consumer: of,
    event: readEvent(event, tries),
    deadAt,
    ...(failure === null ? {} : { failure }),
  }));
}

/** Puts a dead letter back into the queue of its consumer, or of all that failed to take it; says how many they were. */
export async function redeliver(
  context: LedgerContext,
  eventId: string,
  { consumer }: Pick<DeadLetterOptions, "consumer"> = {},
): Promise<number> {
  checkText("eventId", eventId, 100);
  return context.store.transaction((tx) => tx.events.revive(context.mid, eventId, context.now(tx), consumer));
}
