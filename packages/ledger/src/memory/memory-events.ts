import type { Claim, EventRow, EventRows } from "../events/event-rows.js";
import { type Undoable, UndoMap } from "./undo-map.js";

interface Delivery {
  readonly mid: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly position: number;
  readonly stream: string;
  readonly tries: number;
  readonly dueAt: Date;
  readonly lease: string | null;
  readonly leasedUntil: Date | null;
  readonly failure: string | null;
  readonly deadAt: Date | null;
}

export function createMemoryEvents(): { tables: readonly Undoable[]; rows: EventRows } {
  const events = new UndoMap<EventRow>();
  const consumers = new UndoMap<{ readonly mid: string; readonly name: string }>();
  const deliveries = new UndoMap<Delivery>();
  let count = 0;

  const placeOf = (...names: readonly string[]) => JSON.stringify(names);
  const put = (row: Delivery) => deliveries.set(placeOf(row.mid, row.consumer, row.eventId), row);

  function enqueue({ id: eventId, mid, position, stream, at }: EventRow, consumer: string): void {
    const nothingYet = { tries: 0, lease: null, leasedUntil: null, failure: null, deadAt: null };
    put({ mid, consumer, eventId, position, stream, dueAt: at, ...nothingYet });
  }

  function eventOf(row: Delivery): EventRow[] {
    const event = events.get(row.eventId);
    return event === undefined ? [] : [event];
  }

  /** Changes a delivery that is held under this claim. */
  function change(claim: Claim, make: (row: Delivery) => Delivery | undefined): boolean {
    const place = placeOf(claim.mid, claim.consumer, claim.eventId);
    const row = deliveries.get(place);
    if (row?.lease !== claim.lease) return false;
    const changed = make(row);
    if (changed === undefined) deliveries.delete(place);
    else put(changed);
    return true;
  }

  return {
    tables: [events, consumers, deliveries],
    rows: {
      hasConsumer: async (mid, consumer) => consumers.get(placeOf(mid, consumer)) !== undefined,
      deadDeliveries: async (mid, { limit, consumer }) =>
        deliveries
          .select((row) => row.mid === mid && (consumer === undefined || row.consumer === consumer))
          .sort((a, b) => a.position - b.position)
          .flatMap((row) => {
            const { tries, failure, deadAt } = row;
            if (deadAt === null) return [];
            return eventOf(row).map((event) => ({ event, consumer: row.consumer, tries, failure, deadAt }));
          })
          .slice(0, limit),
      addEvent: async (row) => {
        const event = { ...row, position: ++count };
        events.set(row.id, event);
        for (const { name } of consumers.select(({ mid }) => mid === row.mid)) enqueue(event, name);
      },
      addConsumer: async (mid, consumer) => {
        if (consumers.get(placeOf(mid, consumer)) !== undefined) return;
        consumers.set(placeOf(mid, consumer), { mid, name: consumer });
        for (const event of events.select((row) => row.mid === mid)) enqueue(event, consumer);
      },
      claim: async (mid, consumer, { id, now, until, limit }) => {
        const waiting = deliveries
          .select((row) => row.mid === mid && row.consumer === consumer && row.deadAt === null)
          .sort((a, b) => a.position - b.position);
        const seen = new Set<string>();
        const firsts = waiting.filter(({ stream }) => !seen.has(stream) && seen.add(stream));
        return firsts
          .filter(({ dueAt, leasedUntil }) => dueAt <= now && (leasedUntil === null || leasedUntil <= now))
          .slice(0, limit)
          .flatMap((row) => {
            const tries = row.tries + 1;
            put({ ...row, lease: id, leasedUntil: until, tries });
            const claim = { mid, consumer, eventId: row.eventId, lease: id };
            return eventOf(row).map((event) => ({ event, claim, tries }));
          });
      },
      extend: async (claim, until) => change(claim, (row) => ({ ...row, leasedUntil: until })),
      finish: async (claim) => change(claim, () => undefined),
      postpone: async (claim, { dueAt, failure, deadAt }) =>
        change(claim, (row) => ({ ...row, dueAt, failure, deadAt, lease: null, leasedUntil: null })),
      revive: async (mid, eventId, now, consumer) => {
        const dead = deliveries.select(
          (row) =>
            row.mid === mid &&
            row.eventId === eventId &&
            row.deadAt !== null &&
            (consumer === undefined || row.consumer === consumer),
        );
        for (const row of dead) put({ ...row, deadAt: null, tries: 0, dueAt: now });
        return dead.length;
      },
    },
  };
}
