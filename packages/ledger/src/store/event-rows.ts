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

/** What happens to a claimed event. */
export type ClaimChange =
  /** Its handler still runs, so the claim is extended. */
  | { readonly to: "held"; readonly leaseMs: number }
  /** It leaves the queue. */
  | { readonly to: "delivered" }
  /** It is postponed, and later events of its ordering key with it. */
  | { readonly to: "waiting"; readonly afterMs: number; readonly failure: string }
  /** It becomes a dead letter, and later events of its ordering key are delivered without it. */
  | { readonly to: "dead"; readonly failure: string };

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
  /** All consumers by name, with counts up to `atMost`. */
  consumerCounts(mid: string, atMost: number): Promise<readonly ConsumerCounts[]>;
  /** Dead letters, oldest first. */
  deadDeliveries(
    mid: string,
    page: { readonly limit: number; readonly consumer?: string },
  ): Promise<readonly DeadDelivery[]>;
}

/** The queue of one consumer. */
export interface QueueName {
  readonly mid: string;
  readonly consumer: string;
  /** The consumer's generation: nothing is done for a consumer that was removed, even if one with its name exists again. */
  readonly generation: string;
}

/** The clock that a write takes its time from. */
export interface WrittenAt {
  /** Default: the store's clock. */
  readonly clock: (() => Date) | undefined;
}

/**
 * Writes of queues, each as one transaction. Each consumer has a queue of undelivered events, and the transaction that writes an event adds it
 * to all queues. Reading on from a position instead would skip events: an earlier position can become visible later, when its transaction commits.
 *
 * Locks are taken in this order, to avoid deadlocks: a consumer, then the writers of events.
 */
export interface EventQueues {
  /** Returns the consumer, and creates it if none has that name. */
  openQueue(
    mid: string,
    consumer: string,
    row: WrittenAt & { readonly generation: string; readonly fill: Fill | null },
  ): Promise<ConsumerRow>;
  /**
   * Adds the next earlier events to a queue that is not filled yet, unless there are events to claim, or `most` are waiting. Events below a
   * position are complete only while no writer is active, so `fillUntil` moves while writers are held. At the end up to `lastStep` events are
   * added during such a hold; from then on writers add events themselves.
   *
   * @returns the consumer as it was, and whether there may be events to claim now
   */
  fillQueue(
    queue: QueueName,
    steps: WrittenAt & { readonly step: number; readonly lastStep: number; readonly most: number },
  ): Promise<{ readonly consumer: ConsumerRow | undefined; readonly mayClaim: boolean }>;
  /**
   * Claims up to `limit` due events, longest due first: the first waiting one of each ordering key, if no event of that ordering key is claimed.
   * Dead letters do not count. Without an event to claim, it postpones up to `blocked` events behind one of their ordering key that is due later.
   * Otherwise events written after a failed one would be due at once, and be checked every second.
   */
  claim(
    queue: QueueName,
    lease: WrittenAt & {
      readonly id: string;
      readonly leaseMs: number;
      readonly limit: number;
      readonly blocked: number;
    },
  ): Promise<{ readonly consumer: ConsumerRow | undefined; readonly claimed: readonly ClaimedEvent[] }>;
  /** Changes a claimed event; `false` if the claim was lost to another process. */
  updateClaim(claim: Claim, change: WrittenAt & ClaimChange): Promise<boolean>;
  /**
   * Marks a consumer as removed, so that no further event is added to its queue, and deletes up to `limit` of its deliveries. If none is left
   * while writers are held, deletes the consumer.
   *
   * @returns `undefined` if there is no such consumer, or only one of another generation
   */
  removeQueue(
    mid: string,
    consumer: string,
    step: WrittenAt & { readonly limit: number; readonly generation: string | undefined },
  ): Promise<{ readonly generation: string; readonly isGone: boolean } | undefined>;
  /** Puts the dead letters of an event back into their queues, and returns how many. */
  revive(
    mid: string,
    eventId: string,
    at: WrittenAt & { readonly consumer: string | undefined },
  ): Promise<number>;
}

/** Whether a consumer is still the one of the queue. */
export function isOfQueue(row: ConsumerRow | undefined, { generation }: QueueName): row is ConsumerRow {
  return row?.generation === generation && row.removedAt === null;
}
