/** One event as it is kept. It is never changed afterwards. */
export interface EventRow {
  readonly id: string;
  /** Rises with every event of one stream; those of different streams may become visible in another order. */
  readonly position: number;
  readonly mid: string;
  readonly kind: string;
  /** What it is about: the events of one stream are delivered in their order, one at a time. */
  readonly stream: string;
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

/** Reading events. */
export interface EventReading {
  hasConsumer(mid: string, consumer: string): Promise<boolean>;
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
 */
export interface EventRows extends EventReading {
  /** Writes an event, and puts it into the queue of every consumer there is. */
  addEvent(row: NewEvent): Promise<void>;
  /**
   * Begins a queue with every event there is, unless it has begun. Waits for transactions that are writing events, so that
   * each of them is either seen here or sees the new queue.
   */
  addConsumer(mid: string, consumer: string, now: Date): Promise<void>;
  /**
   * Up to `limit` events that are due and that nobody holds: of each stream the first that waits, and none while the one
   * before it waits or is held. Dead ones are out of the way.
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
  postpone(
    claim: Claim,
    change: { readonly dueAt: Date; readonly failure: string | null; readonly deadAt: Date | null },
  ): Promise<boolean>;
  /** Puts dead deliveries of an event back into their queues, and says how many. */
  revive(mid: string, eventId: string, now: Date, consumer?: string): Promise<number>;
}
