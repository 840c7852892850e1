/** One event as it is kept. It is never changed afterwards. */
export interface EventRow {
  readonly id: string;
  /** Rises with every event of one ordering key; those of different ordering keys may become visible in another order. */
  readonly position: number;
  readonly mid: string;
  readonly kind: string;
  /** What it is about: the events of one ordering key are delivered in their order, one at a time. */
  readonly orderingKey: string;
  readonly at: Date;
  /** As JSON. */
  readonly data: string;
}

export type NewEvent = Omit<EventRow, "position">;

/** The right to deliver one event to one consumer, until its lease ends. */
export interface Claim {
  readonly mid: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly lease: string;
}

/** An event that was claimed. */
export interface ClaimedEvent {
  readonly event: EventRow;
  readonly claim: Claim;
  /** How often it was claimed, this time included. */
  readonly tries: number;
}

/** An event that a consumer failed to take too often. */
export interface DeadDelivery {
  readonly event: EventRow;
  readonly consumer: string;
  readonly tries: number;
  readonly failure: string | null;
  readonly deadAt: Date;
}

/** Which events of before it a consumer's queue does not hold yet: those after one position, up to another. */
export interface Fill {
  readonly filledTo: number;
  readonly fillUntil: number;
}

/** A consumer as it is kept. */
export interface ConsumerRow {
  /** Another one when a consumer was removed and one of the same name began. */
  readonly generation: string;
  /** `null` once its queue holds every event; from then on new ones are put into it as they are written. */
  readonly fill: Fill | null;
  readonly removedAt: Date | null;
}

/** What there is of a consumer. */
export interface ConsumerCounts {
  readonly consumer: string;
  readonly createdAt: Date;
  /** Events in its queue and those that are still to be put into it, each counted up to a limit. */
  readonly waiting: number;
  readonly dead: number;
  readonly oldestWaitingAt: Date | null;
  readonly filling: boolean;
  readonly removing: boolean;
}

/** Reading events. */
export interface EventReading {
  consumer(mid: string, name: string): Promise<ConsumerRow | undefined>;
  /** All consumers by name, what they have counted up to `atMost`. */
  consumerCounts(mid: string, atMost: number): Promise<readonly ConsumerCounts[]>;
  /** How many events are in a queue and not dead, counted up to `atMost`. */
  countWaiting(mid: string, consumer: string, atMost: number): Promise<number>;
  /** The oldest first. */
  deadDeliveries(
    mid: string,
    page: { readonly limit: number; readonly consumer?: string },
  ): Promise<readonly DeadDelivery[]>;
}

/**
 * Writing events. Each consumer has a queue of what it has not taken yet, and an event is put into all queues by the
 * transaction that writes it. So nobody has to read on from a position, behind which an event could still become
 * visible when a transaction that began earlier commits later.
 *
 * Locks are taken in this order, so that nobody waits in a circle: a consumer, then the writers of events.
 */
export interface EventRows extends EventReading {
  /** Writes an event, and puts it into the queue of every consumer that has all those before it. */
  addEvent(row: NewEvent): Promise<void>;
  /**
   * Waits for the transactions that are writing events, and lets nobody else write any until this one ends: the only time at
   * which no event can become visible behind the newest position, which this resolves to (0 if there is none).
   */
  holdWriters(mid: string): Promise<number>;
  /** Unless there is one of that name. */
  insertConsumer(
    mid: string,
    name: string,
    row: { readonly generation: string; readonly at: Date; readonly fill: Fill | null },
  ): Promise<void>;
  /** Whatever moves events of a consumer's queue without holding them takes turns by this lock. Writers of events do not wait for it. */
  lockConsumer(mid: string, name: string): Promise<ConsumerRow | undefined>;
  /** The same, only if there is something to claim: a lock is a write, and who finds nothing every second writes nothing. */
  lockToClaim(mid: string, name: string, now: Date): Promise<ConsumerRow | undefined>;
  /**
   * Puts the first `limit` events between two positions into a queue.
   *
   * @returns the position up to which all of them are in it
   */
  fillQueue(mid: string, consumer: string, fill: Fill & { readonly limit: number }): Promise<number>;
  setFill(mid: string, consumer: string, fill: Fill | null): Promise<void>;
  /** From now on nothing is put into its queue. */
  markRemoved(mid: string, consumer: string, at: Date): Promise<void>;
  /** How many were deleted: at most `limit`. */
  deleteDeliveries(mid: string, consumer: string, limit: number): Promise<number>;
  /** Only while writers are held, and without deliveries. */
  deleteConsumer(mid: string, consumer: string): Promise<void>;
  /**
   * Up to `limit` events that are due and that nobody holds, the longest due first: of each ordering key the first that waits, and none
   * while another of the ordering key is held. Dead ones are out of the way. Only after `lockToClaim`.
   */
  claim(
    mid: string,
    consumer: string,
    lease: { readonly id: string; readonly now: Date; readonly until: Date; readonly limit: number },
  ): Promise<readonly ClaimedEvent[]>;
  /** `false` when the claim is no longer held: the lease ended, and somebody else has it. As for all that follow. */
  extend(claim: Claim, until: Date): Promise<boolean>;
  /** Takes the event out of the queue. */
  finish(claim: Claim): Promise<boolean>;
  /** Unless it is dead now, those after it in its ordering key are due no earlier than it: nobody need look at them before. */
  postpone(
    claim: Claim,
    change: { readonly dueAt: Date; readonly failure: string | null; readonly deadAt: Date | null },
  ): Promise<boolean>;
  /**
   * Looks at the first `limit` that are due and free, and puts off those that wait behind one of their ordering key that is due later:
   * to then. What is written behind one that failed is due at once, and would be looked at every second.
   */
  putOffBlocked(
    mid: string,
    consumer: string,
    among: { readonly now: Date; readonly limit: number },
  ): Promise<void>;
  /** Puts dead deliveries of an event back into their queues, under the locks of the consumers, and says how many. */
  revive(mid: string, eventId: string, now: Date, consumer?: string): Promise<number>;
}
