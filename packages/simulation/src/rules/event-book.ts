import type { LedgerEvent } from "@payapi/ledger";
import type { Claim, ClaimChange, EventQueues, NewEvent } from "@payapi/ledger/internal";
import { Violation, type World } from "../world/world.js";

/** The ledger's lease: how long a process may hold an event without a sign of life. */
const leaseMs = 60_000;
/** After how many failures an event becomes a dead letter. */
const maxTries = 10;

/** The state of one event for one consumer. */
interface Taking {
  readonly event: NewEvent;
  /** A handler succeeded. */
  isHandled: boolean;
  /** It is a dead letter. */
  isDead: boolean;
  isBegun: boolean;
  tries: number;
  /** Until when no other process may take it, or another event of its order. */
  heldUntil: number;
}

interface Consumer {
  /** The number of events before the first that it must get. */
  readonly from: number;
  removed: boolean;
  isDeleted: boolean;
  readonly takings: Map<string, Taking>;
}

/** Every committed event, and its state for each consumer. */
export class EventBook {
  readonly events: NewEvent[] = [];
  readonly #consumers = new Map<string, Consumer>();
  readonly #startsNow = new Set<string>();

  constructor(readonly world: World) {}

  /** A consumer that starts from now. */
  startsNow(consumer: string): void {
    this.#startsNow.add(consumer);
  }

  /** A committed event. */
  written(event: NewEvent): void {
    this.events.push(event);
  }

  /** The queues, recording every write once it is committed. */
  watch(queues: EventQueues, note: (work: () => void) => void): EventQueues {
    const later = (work: () => void) => note(() => this.#guard(work));
    return {
      openQueue: async (mid, name, row) => {
        const consumer = await queues.openQueue(mid, name, row);
        if (consumer.generation === row.generation) later(() => this.#begin(name));
        return consumer;
      },
      fillQueue: (...given) => queues.fillQueue(...given),
      removeQueue: async (mid, name, step) => {
        const removed = await queues.removeQueue(mid, name, step);
        later(() => {
          const consumer = this.#consumers.get(name);
          if (removed === undefined || consumer === undefined) return;
          consumer.removed = true;
          consumer.isDeleted = removed.isGone;
        });
        return removed;
      },
      claim: async (queue, lease) => {
        const result = await queues.claim(queue, lease);
        for (const { event, tries } of result.claimed)
          later(() => this.#claimed(queue.consumer, event.id, tries));
        return result;
      },
      updateClaim: async (claim, change) => {
        const held = await queues.updateClaim(claim, change);
        if (held) later(() => this.#changed(claim, change.to));
        return held;
      },
      revive: async (mid, eventId, at) => {
        const count = await queues.revive(mid, eventId, at);
        later(() => {
          for (const [name, { takings }] of this.#consumers) {
            const taking = takings.get(eventId);
            if (taking !== undefined && (at.consumer === undefined || at.consumer === name))
              taking.isDead = false;
          }
        });
        return count;
      },
    };
  }

  /** Called when a handler gets an event. */
  begins(name: string, event: LedgerEvent): void {
    this.#guard(() => {
      const taking = this.#taking(name, event.id);
      const { kind, orderingKey } = taking.event;
      if (kind !== event.kind)
        throw new Violation("I13", `an event of ${orderingKey} came as another: ${event.kind}`);
      if (taking.isBegun) return;
      taking.isBegun = true;
      const before = this.#entitled(name).slice(0, this.#entitled(name).indexOf(taking.event));
      const skipped = before.find((each) => each.orderingKey === orderingKey && !this.#isOver(name, each));
      if (skipped !== undefined) {
        throw new Violation("I13", `${name} was given ${kind} of ${orderingKey} before ${skipped.kind}`);
      }
    });
  }

  /** Called when a handler succeeded. */
  handled(name: string, { id }: Pick<LedgerEvent, "id">): void {
    this.#guard(() => {
      this.#taking(name, id).isHandled = true;
    });
  }

  /** The known consumers. */
  get living(): readonly string[] {
    return [...this.#consumers].flatMap(([name, { removed }]) => (removed ? [] : [name]));
  }

  /** The rules for the end; `dead` are the listed dead letters. */
  checkRest(dead: readonly { readonly consumer: string; readonly event: LedgerEvent }[]): void {
    const listed = new Set(dead.map(({ consumer, event }) => `${consumer} ${event.id}`));
    for (const name of this.living) {
      for (const { id, kind, orderingKey } of this.#entitled(name)) {
        const isHandled = this.#consumers.get(name)?.takings.get(id)?.isHandled;
        if (isHandled !== true && !listed.has(`${name} ${id}`)) {
          throw new Violation("I13", `${kind} of ${orderingKey} never reached ${name}, but is not listed`);
        }
      }
    }
  }

  #begin(name: string): void {
    // A consumer of that name exists: nothing was written.
    if (this.#consumers.get(name)?.isDeleted === false) return;
    const from = this.#startsNow.has(name) ? this.events.length : 0;
    this.#consumers.set(name, { from, removed: false, isDeleted: false, takings: new Map() });
  }

  #claimed(name: string, id: string, tries: number): void {
    const taking = this.#taking(name, id);
    const { orderingKey, kind } = taking.event;
    for (const other of this.#consumers.get(name)?.takings.values() ?? []) {
      if (other.event.orderingKey === orderingKey && other.heldUntil > this.world.now) {
        throw new Violation("I13", `${name} has ${kind} of ${orderingKey} beside ${other.event.kind}`);
      }
    }
    taking.tries = tries;
    taking.heldUntil = this.world.now + leaseMs;
  }

  #changed({ consumer, eventId }: Claim, to: ClaimChange["to"]): void {
    const taking = this.#taking(consumer, eventId);
    const { kind, orderingKey } = taking.event;
    taking.heldUntil = to === "held" ? this.world.now + leaseMs : 0;
    taking.isDead = to === "dead";
    if (to === "delivered" && !taking.isHandled) {
      throw new Violation(
        "I13",
        `${kind} of ${orderingKey} counts as taken by ${consumer}, which did not take it`,
      );
    }
    if (to === "dead" && taking.tries < maxTries) {
      throw new Violation("I13", `${kind} of ${orderingKey} was put aside after ${taking.tries} tries`);
    }
  }

  #taking(name: string, id: string): Taking {
    const consumer = this.#consumers.get(name);
    const known = consumer?.takings.get(id);
    if (known !== undefined) return known;
    const event = this.events.find((each) => each.id === id);
    if (consumer === undefined || event === undefined) {
      throw new Violation("I13", `${name} was given an event that is not in the book`);
    }
    const taking = { event, isHandled: false, isDead: false, isBegun: false, tries: 0, heldUntil: 0 };
    consumer.takings.set(id, taking);
    return taking;
  }

  #entitled(name: string): readonly NewEvent[] {
    return this.events.slice(this.#consumers.get(name)?.from ?? 0);
  }

  #isOver(name: string, { id }: NewEvent): boolean {
    const taking = this.#consumers.get(name)?.takings.get(id);
    return taking !== undefined && (taking.isHandled || taking.isDead);
  }

  #guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.world.fail(error);
    }
  }
}
