import { checkLimit, checkText } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import { readEvent } from "./event-data.js";
import type { LedgerEvent } from "./event-types.js";

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
