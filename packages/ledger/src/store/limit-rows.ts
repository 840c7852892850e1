export interface RateLimitRow {
  readonly key: string;
  readonly count: number;
  /** When the window ends and the counter restarts. */
  readonly endsAt: Date;
}

/** A request without an answer; with a `fingerprint`, only one that has it. */
export interface RunningRequest extends Pick<RequestRow, "id"> {
  readonly fingerprint: string | undefined;
}

export interface RequestRow {
  /** A hash of the request's scope and key. */
  readonly id: string;
  readonly fingerprint: string;
  /** The stored answer, as JSON. */
  readonly answer: string | null;
  /** When the key may be used again: when the lease ends or, with an answer, when its retention ends. */
  readonly endsAt: Date;
}

/** Rate limits and idempotency keys to write together with the changes of an order. */
export interface Along {
  /**
   * Increments each counter. One that is new or has ended starts at 1. If a counter is exhausted, the whole save is refused.
   */
  readonly count?: {
    /** Limits by key, sorted by key. */
    readonly limits: ReadonlyMap<string, number>;
    /** How long a counter that starts now runs, in milliseconds. */
    readonly windowMs: number;
    /** The current time (default: the store's clock). */
    readonly now: Date | undefined;
    /** Receives the incremented counters. */
    readonly counted: (rows: readonly RateLimitRow[]) => void;
  };
  /** Counters to decrement, sorted by key. */
  readonly release?: readonly Pick<RateLimitRow, "key" | "endsAt">[];
  /** Begins a request. If there is one of its key that has not ended, the whole save is refused. */
  readonly begin?: Pick<RequestRow, "id" | "fingerprint"> & {
    /** How long the key is in use without an answer, in milliseconds. */
    readonly leaseMs: number;
    /** The current time (default: the store's clock). */
    readonly now: Date | undefined;
  };
  /** Stores the answer of a running request, or deletes the request if there is none. */
  readonly end?: {
    readonly request: RunningRequest;
    readonly answer: string | undefined;
    /** How long the answer is kept, in milliseconds. */
    readonly retentionMs: number;
    /** The current time (default: the store's clock). */
    readonly now: Date | undefined;
  };
}

/** A rate limit or an idempotency key refused a save. Nothing was written. */
export class AlongRefused extends Error {
  override readonly name = "AlongRefused";

  constructor(
    readonly code: "rate-limited" | "request-known",
    readonly retryAfterMs: number,
  ) {
    super(code);
  }
}
