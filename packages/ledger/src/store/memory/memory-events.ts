import type { Claim, ConsumerRow, EventRow, EventRows } from "../event-rows.js";
import { type Undoable, UndoMap } from "./memory-tables.js";

interface Consumer extends ConsumerRow {
  readonly mid: string;
  readonly name: string;
  readonly createdAt: Date;
}

interface Delivery {
  readonly mid: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly position: number;
  readonly orderingKey: string;
  readonly tries: number;
  readonly dueAt: Date;
  readonly lease: string | null;
  readonly leasedUntil: Date | null;
  readonly failure: string | null;
  readonly deadAt: Date | null;
}

export function createMemoryEvents(): { tables: readonly Undoable[]; rows: EventRows } {
  const events = new UndoMap<EventRow>();
  const consumers = new UndoMap<Consumer>();
  const deliveries = new UndoMap<Delivery>();
  let count = 0;

  const placeOf = (...names: readonly string[]) => JSON.stringify(names);
  const put = (row: Delivery) => deliveries.set(placeOf(row.mid, row.consumer, row.eventId), row);
  const consumerOf = (mid: string, name: string) => consumers.get(placeOf(mid, name));
  const byPosition = (a: { readonly position: number }, b: { readonly position: number }) =>
    a.position - b.position;

  const queueOf = (mid: string, consumer: string) =>
    deliveries.select((row) => row.mid === mid && row.consumer === consumer);
  const waitingOf = (mid: string, consumer: string) =>
    queueOf(mid, consumer)
      .filter(({ deadAt }) => deadAt === null)
      .sort(byPosition);
  const eventsBetween = (mid: string, after: number, until = Number.POSITIVE_INFINITY) =>
    events
      .select(({ mid: of, position }) => of === mid && position > after && position <= until)
      .sort(byPosition);

  function enqueue({ id: eventId, mid, position, orderingKey, at }: EventRow, consumer: string): void {
    const nothingYet = { tries: 0, lease: null, leasedUntil: null, failure: null, deadAt: null };
    // A fact of a clock that was ahead is due now, not in the future.
    const dueAt = new Date(Math.min(at.getTime(), Date.now()));
    put({ mid, consumer, eventId, position, orderingKey, dueAt, ...nothingYet });
  }

  function claimable(mid: string, consumer: string, now: Date): Delivery[] {
    const waiting = waitingOf(mid, consumer);
    const isHeld = ({ leasedUntil }: Delivery) => leasedUntil !== null && leasedUntil > now;
    const seen = new Set(waiting.filter(isHeld).map(({ orderingKey }) => orderingKey));
    return waiting
      .filter(({ orderingKey }) => !seen.has(orderingKey) && seen.add(orderingKey))
      .filter(({ dueAt }) => dueAt <= now)
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || byPosition(a, b));
  }

  function eventOf(row: Delivery): EventRow[] {
    const event = events.get(row.eventId);
    return event === undefined ? [] : [event];
  }

  function changeConsumer(mid: string, name: string, change: Partial<Consumer>): void {
    const row = consumerOf(mid, name);
    if (row !== undefined) consumers.set(placeOf(mid, name), { ...row, ...change });
  }

  /** Changes a delivery if it is still held by this claim. */
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
      consumer: async (mid, name) => consumerOf(mid, name),
      consumerCounts: async (mid) =>
        consumers
          .select((row) => row.mid === mid)
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(({ name: consumer, createdAt, fill, removedAt }) => {
            const waiting = waitingOf(mid, consumer).flatMap(eventOf);
            const unfilled = fill === null ? [] : eventsBetween(mid, fill.filledTo);
            return {
              consumer,
              createdAt,
              waiting: waiting.length + unfilled.length,
              dead: queueOf(mid, consumer).filter(({ deadAt }) => deadAt !== null).length,
              oldestWaitingAt: [...waiting, ...unfilled][0]?.at ?? null,
              filling: fill !== null,
              removing: removedAt !== null,
            };
          }),
      countWaiting: async (mid, consumer) => waitingOf(mid, consumer).length,
      deadDeliveries: async (mid, { limit, consumer }) =>
        deliveries
          .select((row) => row.mid === mid && (consumer === undefined || row.consumer === consumer))
          .sort(byPosition)
          .flatMap((row) => {
            const { tries, failure, deadAt } = row;
            if (deadAt === null) return [];
            return eventOf(row).map((event) => ({ event, consumer: row.consumer, tries, failure, deadAt }));
          })
          .slice(0, limit),
      addEvent: async (row) => {
        const event = { ...row, position: ++count };
        events.set(event.id, event);
        const whole = consumers.select(
          ({ mid, fill, removedAt }) => mid === row.mid && fill === null && removedAt === null,
        );
        for (const { name } of whole) enqueue(event, name);
      },
      // Transactions run one at a time here, so writers and consumers need no lock.
      holdWriters: async (mid) => eventsBetween(mid, 0).at(-1)?.position ?? 0,
      lockConsumer: async (mid, name) => consumerOf(mid, name),
      lockToClaim: async (mid, name, now) =>
        claimable(mid, name, now).length > 0 ? consumerOf(mid, name) : undefined,
      insertConsumer: async (mid, name, { generation, at, fill }) => {
        if (consumerOf(mid, name) !== undefined) return;
        const row = { mid, name, generation, createdAt: at, fill, removedAt: null };
        consumers.set(placeOf(mid, name), row);
      },
      fillQueue: async (mid, consumer, { filledTo, fillUntil, limit }) => {
        const next = eventsBetween(mid, filledTo, fillUntil).slice(0, limit);
        for (const event of next) enqueue(event, consumer);
        return next[limit - 1]?.position ?? fillUntil;
      },
      setFill: async (mid, consumer, fill) => changeConsumer(mid, consumer, { fill }),
      markRemoved: async (mid, consumer, removedAt) => changeConsumer(mid, consumer, { removedAt }),
      deleteDeliveries: async (mid, consumer, limit) =>
        deliveries.prune(limit, (row) => row.mid === mid && row.consumer === consumer),
      deleteConsumer: async (mid, consumer) => consumers.delete(placeOf(mid, consumer)),
      claim: async (mid, consumer, { id, now, until, limit }) =>
        claimable(mid, consumer, now)
          .slice(0, limit)
          .sort(byPosition)
          .flatMap((row) => {
            const tries = row.tries + 1;
            put({ ...row, lease: id, leasedUntil: until, tries });
            const claim = { mid, consumer, eventId: row.eventId, lease: id };
            return eventOf(row).map((event) => ({ event, claim, tries }));
          }),
      extend: async (claim, until) => change(claim, (row) => ({ ...row, leasedUntil: until })),
      finish: async (claim) => change(claim, () => undefined),
      postpone: async (claim, { dueAt, failure, deadAt }) =>
        change(claim, (row) => {
          const behind = waitingOf(claim.mid, claim.consumer).filter(
            (each) =>
              each.orderingKey === row.orderingKey && each.position > row.position && each.dueAt < dueAt,
          );
          if (deadAt === null) for (const each of behind) put({ ...each, dueAt });
          return { ...row, dueAt, failure, deadAt, lease: null, leasedUntil: null };
        }),
      putOffBlocked: async (mid, consumer, { now, limit }) => {
        const waiting = waitingOf(mid, consumer);
        const isHeld = ({ leasedUntil }: Delivery) => leasedUntil !== null && leasedUntil > now;
        const free = waiting
          .filter((row) => row.dueAt <= now && !isHeld(row))
          .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || byPosition(a, b));
        for (const row of free.slice(0, limit)) {
          const first = waiting.find(({ orderingKey }) => orderingKey === row.orderingKey);
          if (first !== undefined && !isHeld(first) && first.dueAt > now) put({ ...row, dueAt: first.dueAt });
        }
      },
      revive: async (mid, eventId, now, consumer) => {
        const dead = deliveries.select(
          (row) =>
            row.mid === mid &&
            row.eventId === eventId &&
            row.deadAt !== null &&
            consumerOf(mid, row.consumer)?.removedAt === null &&
            (consumer === undefined || row.consumer === consumer),
        );
        for (const row of dead) put({ ...row, deadAt: null, tries: 0, dueAt: now });
        return dead.length;
      },
    },
  };
}
