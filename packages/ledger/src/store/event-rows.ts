/** A stored event. Append-only. */
export interface EventRow {
  readonly id: string;
  /** Increases within an ordering key. Events of different ordering keys may become visible in another order. */
  readonly position: number;
  readonly mid: string;
  readonly kind: string;
  /** The order or billing key it is about. Events with the same ordering key are delivered in order, one at a time. */
  readonly orderingKey: string;
  readonly at: Date;
  /** As JSON. */
  readonly data: string;
}

export type NewEvent = Omit<EventRow, "position">;

/** The exclusive right to deliver one event to one consumer, until its lease ends. */
export interface Claim {
  readonly mid: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly lease: string;
}

/** A claimed event. */
export interface ClaimedEvent {
  readonly event: EventRow;
  readonly claim: Claim;
  /** How often it was claimed, this time included. */
  readonly tries: number;
}

/** A dead letter, as it is stored. */
export interface DeadDelivery {
  readonly event: EventRow;
  readonly consumer: string;
  readonly tries: number;
  readonly failure: string | null;
  readonly deadAt: Date;
}

/** The earlier events that a new consumer's queue does not hold yet: those after `filledTo`, up to `fillUntil`. */
export interface Fill {
  readonly filledTo: number;
  readonly fillUntil: number;
}

/** A consumer, as it is stored. */
export interface ConsumerRow {
  /** Changes when the consumer is removed and created again. */
  readonly generation: string;
  /** `null` once the queue holds every earlier event; from then on events are added as they are written. */
  readonly fill: Fill | null;
  readonly removedAt: Date | null;
}

/** The counts of a consumer's queue. */
export interface ConsumerCounts {
  readonly consumer: string;
  readonly createdAt: Date;
  /** Events in the queue and events still to be added to it, each counted up to a limit. */
  readonly waiting: number;
  readonly dead: number;
  readonly oldestWaitingAt: Date | null;
  readonly filling: boolean;
  readonly removing: boolean;
}

/** Reads of events. */
export interface EventReading {
  consumer(mid: string, name: string): Promise<ConsumerRow | undefined>;
  /** All consumers by name, with counts up to `atMost`. */
  consumerCounts(mid: string, atMost: number): Promise<readonly ConsumerCounts[]>;
  /** How many events of a queue wait and are not dead, counted up to `atMost`. */
  countWaiting(mid: string, consumer: string, atMost: number): Promise<number>;
  /** Dead letters, oldest first. */
  deadDeliveries(
    mid: string,
    page: { readonly limit: number; readonly consumer?: string },
  ): Promise<readonly DeadDelivery[]>;
}

/**
 * Writes of events. Each consumer has a queue of undelivered events, and the transaction that writes an event adds it to all queues. Reading on
 * from a position instead would skip events: an earlier position can become visible later, when its transaction commits.
 *
 * Locks are taken in this order, to avoid deadlocks: a consumer, then the writers of events.
 */
export interface EventRows extends EventReading {
  /** Writes an event, and adds it to the queue of every consumer whose queue is filled. */
  addEvent(row: NewEvent): Promise<void>;
  /**
   * Waits for transactions that write events, and blocks further ones until this transaction ends. Resolves to the newest position (0 without
   * events); during the hold no earlier event can become visible.
   */
  holdWriters(mid: string): Promise<number>;
  /** Creates a consumer, unless one has that name. */
  insertConsumer(
    mid: string,
    name: string,
    row: { readonly generation: string; readonly at: Date; readonly fill: Fill | null },
  ): Promise<void>;
  /** Locks a consumer, for changes to its queue without a claim. Writers of events do not wait for this lock. */
  lockConsumer(mid: string, name: string): Promise<ConsumerRow | undefined>;
  /** Locks a consumer only if there is an event to claim. A lock is a write, and an idle worker should not write every second. */
  lockToClaim(mid: string, name: string, now: Date): Promise<ConsumerRow | undefined>;
  /**
   * Adds the first `limit` events between two positions to a queue.
   *
   * @returns the position up to which the queue is complete
   */
  fillQueue(mid: string, consumer: string, fill: Fill & { readonly limit: number }): Promise<number>;
  setFill(mid: string, consumer: string, fill: Fill | null): Promise<void>;
  /** Marks a consumer as removed: no further event is added to its queue. */
  markRemoved(mid: string, consumer: string, at: Date): Promise<void>;
  /** Deletes up to `limit` deliveries, and returns how many. */
  deleteDeliveries(mid: string, consumer: string, limit: number): Promise<number>;
  /** Deletes a consumer. Call it only while writers are held and its queue is empty. */
  deleteConsumer(mid: string, consumer: string): Promise<void>;
  /**
   * Claims up to `limit` due events, longest due first: the first waiting one of each ordering key, if no event of that ordering key is claimed.
   * Dead letters do not count. Call it only after `lockToClaim`.
   */
  claim(
    mid: string,
    consumer: string,
    lease: { readonly id: string; readonly now: Date; readonly until: Date; readonly limit: number },
  ): Promise<readonly ClaimedEvent[]>;
  /** Extends a claim; `false` if it was lost to another process. The same holds for `finish` and `postpone`. */
  extend(claim: Claim, until: Date): Promise<boolean>;
  /** Removes the event from the queue. */
  finish(claim: Claim): Promise<boolean>;
  /** Postpones an event, or makes it a dead letter. Unless it is dead, later events of its ordering key are postponed with it. */
  postpone(
    claim: Claim,
    change: { readonly dueAt: Date; readonly failure: string | null; readonly deadAt: Date | null },
  ): Promise<boolean>;
  /**
   * Of the first `limit` due events without a claim, postpones those behind an earlier event of their ordering key that is due later. Otherwise
   * events written after a failed one would be due at once, and be checked every second.
   */
  putOffBlocked(
    mid: string,
    consumer: string,
    among: { readonly now: Date; readonly limit: number },
  ): Promise<void>;
  /** Puts the dead letters of an event back into their queues, under the locks of the consumers, and returns how many. */
  revive(mid: string, eventId: string, now: Date, consumer?: string): Promise<number>;
}
