import { isOptions, type KnownOptions, type OptionNames, optionProblems } from "@payapi/core/internal";
import { checkLimit, checkText } from "../commands/check-request.js";
import { type LedgerContext, newId } from "../commands/context.js";
import type { EventHandlers, LedgerEvent } from "../domain/event-types.js";
import { keyEventKinds, orderEventKinds, readEvent } from "../domain/event-types.js";
import { LedgerError, refuseOptions } from "../errors.js";
import { type ConsumerRow, isOfQueue, type QueueName } from "../store/event-rows.js";

/** A named receiver of events, and its handlers. */
export interface EventConsumer {
  /** The consumer's name. Processes with the same name share its events; each event goes to one of them. */
  readonly consumer: string;
  /** Handlers by kind of event. Kinds without a handler are skipped. */
  readonly on: EventHandlers;
  /**
   * Where a new consumer starts: `beginning` delivers every event ever written, `now` only later ones (default: `beginning`). An existing
   * consumer continues where it is.
   */
  readonly startFrom?: "beginning" | "now";
  /**
   * How long a handler may take, in milliseconds (default: 300_000). After that its `signal` is aborted, and the event fails with
   * `HandlerTimeout` and is delivered again, even if the handler still runs.
   */
  readonly handlerTimeoutMs?: number;
  /** Called for every failure that is retried: of a handler (with its event), or of the database. Errors that it throws are ignored. */
  readonly onError?: (error: unknown, event?: LedgerEvent) => void;
}

/** How many due events were delivered, and how many failed. */
export interface Deliveries {
  readonly delivered: number;
  /** Handlers that threw or timed out; their events are delivered again. */
  readonly failed: number;
  /** Events that failed for the last time; see `events.deadLetters()`. */
  readonly dead: number;
}

export type ReportError = NonNullable<EventConsumer["onError"]>;

/** Calls the consumer's `onError`. If it throws or rejects, the error is ignored, so that the worker and its process go on. */
export function errorReporter({ onError }: EventConsumer): ReportError {
  return (...failed) => {
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
  [...orderEventKinds, ...keyEventKinds, "escrow", "notification-needs-review", "database-changed"].map(
    (kind) => [kind, true],
  ),
) as OptionNames<EventHandlers>;

const documented = 'docs/guides/ledger-reference.md, "Events"';

/** Checks a consumer's options, including unknown names: a misspelled kind of event would never be delivered. `more` are a worker's options. */
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
    throw new LedgerError(
      "invalid-argument",
      "on must be an object of handlers by kind of event, such as { approved: async (event) => {} }",
    );
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
      "consumer must be a name of 1 to 100 letters, digits, dots, hyphens and underscores",
    );
  }
}

export function checkInterval(name: string, ms: number): void {
  if (!Number.isSafeInteger(ms) || ms < 1 || ms > 2 ** 31 - 1) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of milliseconds, at least 1`);
  }
}

/** How long a claim on an event lasts without renewal; then another process takes the event. */
export const leaseMs = 60_000;
/** How many earlier events one transaction adds to a new consumer's queue. */
const fillStep = 1_000;
/** The same for the last transaction, during which writers of events wait. */
const lastStep = 200;
/** How many events that wait behind a failed one are postponed at once. */
const blockedStep = 1_000;
/** No earlier events are added to a queue with this many waiting: its consumer fails to handle them. */
const fillLimit = 10_000;

/** Returns the consumer's queue, and creates the consumer if it is new. */
export async function beginQueue(
  context: LedgerContext,
  { consumer, startFrom = "beginning" }: EventConsumer,
): Promise<QueueName> {
  const { mid, store, clock } = context;
  // Creating a consumer blocks no writer: `fillQueue` finds the earlier events.
  const fill = startFrom === "now" ? null : { filledTo: 0, fillUntil: 0 };
  const row = await store.openQueue(mid, consumer, { generation: newId(), clock, fill });
  if (row.removedAt !== null) {
    throw new LedgerError(
      "consumer-removed",
      `The removal of the consumer ${consumer} is unfinished: call events.removeConsumer("${consumer}") again; restart its worker only to create the consumer again`,
    );
  }
  return { mid, consumer, generation: row.generation };
}

/**
 * Claims up to `limit` due events. If it claims fewer and the queue is still being filled, `fillQueue` adds more.
 *
 * @throws LedgerError `consumer-removed`
 */
export async function claimDue({ store, clock }: LedgerContext, queue: QueueName, limit: number) {
  const lease = { id: newId(), clock, leaseMs, limit, blocked: blockedStep };
  const { consumer, claimed } = await store.claim(queue, lease);
  return { claimed, isFilling: stillThere(queue, consumer).fill !== null };
}

/** Adds the next earlier events to a new consumer's queue, and returns whether there may be events to claim. */
export async function fillQueue({ store, clock }: LedgerContext, queue: QueueName): Promise<boolean> {
  const steps = { clock, step: fillStep, lastStep, most: fillLimit };
  const { consumer, mayClaim } = await store.fillQueue(queue, steps);
  stillThere(queue, consumer);
  return mayClaim;
}

function stillThere(queue: QueueName, row: ConsumerRow | undefined): ConsumerRow {
  if (isOfQueue(row, queue)) return row;
  throw new LedgerError(
    "consumer-removed",
    `The consumer ${queue.consumer} was removed, so this worker delivers nothing more to it. Stop the worker; restart it only to create the consumer again`,
  );
}

/** The state of a consumer's queue. */
export interface ConsumerStatus {
  readonly consumer: string;
  readonly createdAt: Date;
  /** Events not delivered yet, including those in progress; counted up to 10_000. */
  readonly waiting: number;
  /** Dead letters, see `events.deadLetters()`; counted up to 10_000. */
  readonly dead: number;
  /** When the oldest waiting event was written; missing if none waits. */
  readonly oldestWaitingAt?: Date;
  /** `true` while earlier events are still being added to a new consumer's queue. */
  readonly filling: boolean;
  /** `true` if `removeConsumer` was interrupted: call it again. */
  readonly removing: boolean;
}

const countedAtMost = 10_000;
/** How many deliveries are deleted by one transaction. */
const removeStep = 2_000;

export async function consumers({ store, mid }: LedgerContext): Promise<readonly ConsumerStatus[]> {
  const counted = await store.read((tx) => tx.consumerCounts(mid, countedAtMost));
  return counted.map(({ oldestWaitingAt, waiting, ...status }) => ({
    ...status,
    waiting: Math.min(waiting, countedAtMost),
    ...(oldestWaitingAt === null ? {} : { oldestWaitingAt }),
  }));
}

/** Removes a consumer in several transactions. After an interruption, calling it again continues. */
export async function removeConsumer(context: LedgerContext, consumer: string): Promise<boolean> {
  checkName(consumer);
  const { mid, store, clock } = context;
  let generation: string | undefined;
  for (;;) {
    const step = { clock, limit: removeStep, generation };
    const removed = await store.removeQueue(mid, consumer, step);
    // After the first step, another process may have removed it meanwhile.
    if (removed === undefined) return generation !== undefined;
    if (removed.isGone) return true;
    ({ generation } = removed);
  }
}

/** An event whose delivery failed ten times. Later events of the same order were still delivered. */
export interface DeadLetter {
  readonly consumer: string;
  readonly event: LedgerEvent;
  readonly deadAt: Date;
  /** The name of the error that the handler threw last, or `process-ended`. */
  readonly failure?: string;
}

/** Which dead letters to list. */
export interface DeadLetterOptions {
  /** Only those of this consumer (default: all consumers). */
  readonly consumer?: string;
  /** Page size, 1 to 500 (default: 50). */
  readonly limit?: number;
}

export async function deadLetters(
  context: LedgerContext,
  { consumer, limit = 50 }: DeadLetterOptions = {},
): Promise<readonly DeadLetter[]> {
  checkLimit(limit);
  const page = { limit, ...(consumer === undefined ? {} : { consumer }) };
  const dead = await context.store.read((tx) => tx.deadDeliveries(context.mid, page));
  return dead.map(({ event, tries, failure, deadAt, consumer: of }) => ({
    consumer: of,
    event: readEvent(context.environment, event, tries),
    deadAt,
    ...(failure === null ? {} : { failure }),
  }));
}

/** Puts a dead letter back into the queue of one consumer, or of all that have it as a dead letter; returns how many. */
export async function redeliver(
  { store, mid, clock }: LedgerContext,
  eventId: string,
  { consumer }: Pick<DeadLetterOptions, "consumer"> = {},
): Promise<number> {
  checkText("eventId", eventId, 100);
  return store.revive(mid, eventId, { clock, consumer });
}
