/** Rate-limit counters, within a transaction. */
export interface RateLimitRows {
  /**
   * Increments each counter and returns all of them. A counter that is new or has ended by `now` starts at 1 and ends at `endsAt`. Callers
   * sort the keys, so that transactions can't deadlock.
   */
  countUp(
    mid: string,
    keys: readonly string[],
    times: { readonly now: Date; readonly endsAt: Date },
  ): Promise<readonly RateLimitRow[]>;
  /** Decrements each counter that still ends at `endsAt` and is above 0. Sorted by key, as for `countUp`. */
  countDown(mid: string, counters: readonly Pick<RateLimitRow, "key" | "endsAt">[]): Promise<void>;
  /** Deletes up to `limit` counters that ended by `now`, and returns how many. */
  removeEndedCounters(mid: string, now: Date, limit: number): Promise<number>;
}

export interface RateLimitRow {
  readonly key: string;
  readonly count: number;
  /** When the window ends and the counter restarts. */
  readonly endsAt: Date;
}

/** Idempotency keys, within a transaction. A row that has ended counts as missing. */
export interface RequestRows {
  /** Inserts the row. If there is one that has not ended by `now`, locks and returns that one instead. */
  beginRequest(row: RequestRow, now: Date): Promise<RequestRow | undefined>;
  /** Stores the answer of a request that has none, until `endsAt`. */
  keepAnswer(request: RunningRequest, answer: string, endsAt: Date): Promise<void>;
  /** Deletes a request that has no answer. */
  forgetRequest(request: RunningRequest): Promise<void>;
  /** Deletes up to `limit` requests that ended by `now`, and returns how many. */
  removeEndedRequests(mid: string, now: Date, limit: number): Promise<number>;
}

/** A request without an answer; with a `fingerprint`, only one that has it. */
export interface RunningRequest extends Pick<RequestRow, "mid" | "id"> {
  readonly fingerprint: string | undefined;
}

export interface RequestRow {
  readonly mid: string;
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
  /** Counts an attempt. If a counter is exhausted, the whole save is refused. */
  readonly count?: {
    /** Limits by key, sorted by key. */
    readonly limits: ReadonlyMap<string, number>;
    readonly now: Date;
    readonly endsAt: Date;
    /** Receives the incremented counters. */
    readonly counted: (rows: readonly RateLimitRow[]) => void;
  };
  /** Counters to decrement, sorted by key. */
  readonly release?: readonly Pick<RateLimitRow, "key" | "endsAt">[];
  /** Begins a request. If its key is in use, the whole save is refused. */
  readonly begin?: { readonly row: RequestRow; readonly now: Date };
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
