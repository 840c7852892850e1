import { type LedgerContext, newId } from "../context.js";
import { LedgerError } from "../errors.js";
import { readClaimed } from "./event-data.js";
import type { ClaimedEvent } from "./event-rows.js";
import type { EventHandlers, LedgerEvent } from "./event-types.js";

/** Whoever takes events, and what for. */
export interface EventConsumer {
  /** Its name: processes with the same one share the work, and each event is taken by one of them. */
  readonly consumer: string;
  readonly on: EventHandlers;
  /** Told of everything that fails and is tried again: a handler (with its event), or the database. */
  readonly onError?: (error: unknown, event?: LedgerEvent) => void;
}

/** What came of the events that were due. */
export interface Deliveries {
  readonly delivered: number;
  /** Handlers that threw: their events come again. */
  readonly failed: number;
  /** Events that failed for the last time; see `deadLetters()`. */
  readonly dead: number;
}

/** After this many tries an event is put aside. */
export const maxTries = 10;
/** How long a consumer may be silent about an event before another process takes it. */
export const leaseMs = 60_000;
const batchSize = 16;

/**
 * Delivers everything that is due, as long as `mayGoOn`. Of each order one event is under way at a time, in their order;
 * those of different orders are delivered side by side.
 */
export async function deliverEvents(
  context: LedgerContext,
  { consumer, on, onError }: EventConsumer,
  mayGoOn: () => boolean = () => true,
): Promise<Deliveries> {
  await beginQueue(context, consumer);
  const sum = { delivered: 0, failed: 0, dead: 0 };
  while (mayGoOn()) {
    const claimed = await claim(context, consumer);
    if (claimed.length === 0) break;
    const results = await Promise.allSettled(claimed.map((each) => deliver(context, each, on, onError)));
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      if (result.value !== "lost") sum[result.value]++;
    }
  }
  return sum;
}

async function beginQueue(context: LedgerContext, consumer: string): Promise<void> {
  const { mid, store } = context;
  if (await store.read((tx) => tx.events.hasConsumer(mid, consumer))) return;
  await store.transaction((tx) => tx.events.addConsumer(mid, consumer, context.now(tx)));
}

function claim(context: LedgerContext, consumer: string): Promise<readonly ClaimedEvent[]> {
  return context.store.transaction((tx) => {
    const now = context.now(tx);
    const until = new Date(now.getTime() + leaseMs);
    return tx.events.claim(context.mid, consumer, { id: newId(), now, until, limit: batchSize });
  });
}

async function deliver(
  context: LedgerContext,
  claimed: ClaimedEvent,
  on: EventHandlers,
  onError: EventConsumer["onError"],
): Promise<"delivered" | "failed" | "dead" | "lost"> {
  // Its consumer ended in the middle of it each time: another time would end this process too.
  if (claimed.tries > maxTries) return postpone(context, claimed, "process-ended");
  const event = readClaimed(claimed);
  const stopExtending = keepClaim(context, claimed, onError);
  try {
    await handle(on, event);
  } catch (error) {
    onError?.(error, event);
    return postpone(context, claimed, nameOf(error));
  } finally {
    stopExtending();
  }
  const held = await context.store.transaction((tx) => tx.events.finish(claimed.claim));
  return held ? "delivered" : "lost";
}

async function handle(on: EventHandlers, event: LedgerEvent): Promise<void> {
  // The kind picks a handler for exactly such events, which the compiler cannot follow through the table.
  const handler = on[event.kind] as ((event: LedgerEvent) => void | Promise<void>) | undefined;
  await handler?.(event);
}

/** A handler may take longer than a lease lasts. */
function keepClaim(
  context: LedgerContext,
  { claim }: ClaimedEvent,
  onError: EventConsumer["onError"],
): () => void {
  const timer = setInterval(() => {
    context.store
      .transaction((tx) => tx.events.extend(claim, new Date(context.now(tx).getTime() + leaseMs)))
      .catch((error: unknown) => onError?.(error));
  }, leaseMs / 3);
  timer.unref();
  return () => clearInterval(timer);
}

async function postpone(
  context: LedgerContext,
  { claim, tries }: ClaimedEvent,
  failure: string,
): Promise<"failed" | "dead" | "lost"> {
  const isDead = tries >= maxTries;
  const held = await context.store.transaction((tx) => {
    const now = context.now(tx);
    const dueAt = new Date(now.getTime() + retryAfterMs(tries));
    return tx.events.postpone(claim, { dueAt, failure, deadAt: isDead ? now : null });
  });
  if (!held) return "lost";
  return isDead ? "dead" : "failed";
}

/** 5 s, doubled with every try: the last of ten comes 43 minutes after the first. */
function retryAfterMs(tries: number): number {
  return 5_000 * 2 ** (tries - 1);
}

/** Of what a handler throws only the name is kept: its message may hold anything. */
function nameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  return /^[A-Za-z0-9_$.-]{1,60}$/.test(name) ? name : "Error";
}

export function checkConsumer({ consumer, on }: EventConsumer): void {
  if (typeof consumer !== "string" || !/^[A-Za-z0-9_.-]{1,100}$/.test(consumer)) {
    throw new LedgerError(
      "invalid-argument",
      "consumer must be a name of 1 to 100 letters, digits, dots, hyphens or underscores",
    );
  }
  if (typeof on !== "object" || on === null) {
    throw new LedgerError("invalid-argument", "on must have the handlers, by the kind of event");
  }
}
