import type { Claim, ConsumerRow, EventQueues, EventReading, EventRow, NewEvent } from "../event-rows.js";
import { isOfQueue } from "../event-rows.js";
import { Table } from "./memory-tables.js";

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

/** Events and the queues of their consumers. Operations run one at a time, so writers and consumers need no lock. */
export function createMemoryEvents(): {
  add(event: NewEvent): void;
  readonly reading: EventReading;
  readonly queues: EventQueues;
} {
  const events = new Table<EventRow>();
  const consumers = new Table<Consumer>();
  const deliveries = new Table<Delivery>();
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

  function postponeBlocked(mid: string, consumer: string, now: Date, limit: number): void {
    const waiting = waitingOf(mid, consumer);
    const isHeld = ({ leasedUntil }: Delivery) => leasedUntil !== null && leasedUntil > now;
    const free = waiting
      .filter((row) => row.dueAt <= now && !isHeld(row))
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || byPosition(a, b));
    for (const row of free.slice(0, limit)) {
      const first = waiting.find(({ orderingKey }) => orderingKey === row.orderingKey);
      if (first !== undefined && !isHeld(first) && first.dueAt > now) put({ ...row, dueAt: first.dueAt });
    }
  }

  return {
    add(row) {
      const event = { ...row, position: ++count };
      events.set(event.id, event);
      const whole = consumers.select(
        ({ mid, fill, removedAt }) => mid === row.mid && fill === null && removedAt === null,
      );
      for (const { name } of whole) enqueue(event, name);
    },
    reading: {
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
    },
    queues: {
      openQueue: async (mid, name, { generation, clock = newDate, fill }) => {
        const found = consumerOf(mid, name);
        if (found !== undefined) return found;
        const row = { mid, name, generation, createdAt: clock(), fill, removedAt: null };
        consumers.set(placeOf(mid, name), row);
        return row;
      },
      fillQueue: async (queue, { clock = newDate, step, most }) => {
        const { mid, consumer: name } = queue;
        const consumer = consumerOf(mid, name);
        if (!isOfQueue(consumer, queue)) return { consumer, mayClaim: false };
        if (consumer.fill === null || claimable(mid, name, clock()).length > 0)
          return { consumer, mayClaim: true };
        if (waitingOf(mid, name).length >= most) return { consumer, mayClaim: false };
        const next = eventsBetween(mid, consumer.fill.filledTo).slice(0, step);
        for (const event of next) enqueue(event, name);
        const last = next[step - 1]?.position;
        const fill = last === undefined ? null : { filledTo: last, fillUntil: last };
        consumers.set(placeOf(mid, name), { ...consumer, mid, name, fill });
        return { consumer, mayClaim: true };
      },
      claim: async (queue, { id, clock = newDate, leaseMs, limit, blocked }) => {
        const { mid, consumer: name } = queue;
        const consumer = consumerOf(mid, name);
        if (!isOfQueue(consumer, queue)) return { consumer, claimed: [] };
        const now = clock();
        const due = claimable(mid, name, now);
        if (due.length === 0) postponeBlocked(mid, name, now, blocked);
        const claimed = due
          .slice(0, limit)
          .sort(byPosition)
          .flatMap((row) => {
            const tries = row.tries + 1;
            put({ ...row, lease: id, leasedUntil: later(now, leaseMs), tries });
            const claim = { mid, consumer: name, eventId: row.eventId, lease: id };
            return eventOf(row).map((event) => ({ event, claim, tries }));
          });
        return { consumer, claimed };
      },
      updateClaim: async (claim, changed) =>
        change(claim, (row) => {
          const now = (changed.clock ?? newDate)();
          const free = { ...row, lease: null, leasedUntil: null };
          switch (changed.to) {
            case "held":
              return { ...row, leasedUntil: later(now, changed.leaseMs) };
            case "delivered":
              return undefined;
            case "dead":
              return { ...free, dueAt: now, failure: changed.failure, deadAt: now };
            case "waiting": {
              const dueAt = later(now, changed.afterMs);
              const behind = waitingOf(claim.mid, claim.consumer).filter(
                (each) =>
                  each.orderingKey === row.orderingKey && each.position > row.position && each.dueAt < dueAt,
              );
              for (const each of behind) put({ ...each, dueAt });
              return { ...free, dueAt, failure: changed.failure };
            }
          }
        }),
      removeQueue: async (mid, name, { clock = newDate, limit, generation }) => {
        const row = consumerOf(mid, name);
        if (row === undefined || (generation !== undefined && row.generation !== generation))
          return undefined;
        consumers.set(placeOf(mid, name), { ...row, removedAt: row.removedAt ?? clock() });
        const isOwn = (each: Delivery) => each.mid === mid && each.consumer === name;
        const isGone = deliveries.prune(limit, isOwn) < limit;
        if (isGone) consumers.delete(placeOf(mid, name));
        return { generation: row.generation, isGone };
      },
      revive: async (mid, eventId, { clock = newDate, consumer }) => {
        const dead = deliveries.select(
          (row) =>
            row.mid === mid &&
            row.eventId === eventId &&
            row.deadAt !== null &&
            consumerOf(mid, row.consumer)?.removedAt === null &&
            (consumer === undefined || row.consumer === consumer),
        );
        for (const row of dead) put({ ...row, deadAt: null, tries: 0, dueAt: clock() });
        return dead.length;
      },
    },
  };
}

function later(at: Date, ms: number): Date {
  return new Date(at.getTime() + ms);
}

function newDate(): Date {
  return new Date();
}
