/** The counters of attempts, within a transaction. */
export interface RateLimitRows {
  /**
   * Adds one to each counter and gives all of them as they are then. One that ended by `now`, or never was, begins with 1
   * and ends at `endsAt`. Whoever gives the keys sorted never waits for another in a circle.
   */
  countUp(
    mid: string,
    keys: readonly string[],
    times: { readonly now: Date; readonly endsAt: Date },
  ): Promise<readonly RateLimitRow[]>;
  /** Takes one from each counter that still ends then, and is more than 0. Sorted by their keys, as for `countUp`. */
  countDown(mid: string, counters: readonly Pick<RateLimitRow, "key" | "endsAt">[]): Promise<void>;
  /** Removes up to `limit` counters that ended by `now`, and says how many. */
  removeEndedCounters(mid: string, now: Date, limit: number): Promise<number>;
}

export interface RateLimitRow {
  readonly key: string;
  readonly count: number;
  /** When it starts anew. */
  readonly endsAt: Date;
}

/** The remembered requests, within a transaction. A row that ended is as good as none. */
export interface RequestRows {
  /** Puts the row in, unless one is there that has not ended by `now`: that one is given then, locked. */
  beginRequest(row: RequestRow, now: Date): Promise<RequestRow | undefined>;
  /** Keeps the answer of a request that has none, until `endsAt`. */
  keepAnswer(request: RunningRequest, answer: string, endsAt: Date): Promise<void>;
  /** Removes a request that has no answer. */
  forgetRequest(request: RunningRequest): Promise<void>;
  /** Removes up to `limit` requests that ended by `now`, and says how many. */
  removeEndedRequests(mid: string, now: Date, limit: number): Promise<number>;
}

/** A request that has no answer yet; with a fingerprint, only if it has that. */
export interface RunningRequest extends Pick<RequestRow, "mid" | "id"> {
  readonly fingerprint: string | undefined;
}

export interface RequestRow {
  readonly mid: string;
  /** Stands for the request's scope and key. */
  readonly id: string;
  readonly fingerprint: string;
  /** As JSON. */
  readonly answer: string | null;
  /** When its key is free again: at the end of its lease, and once it is answered at the end of its retention. */
  readonly endsAt: Date;
}

/** Rate limits and idempotency keys that are written together with a change of an order. */
export interface Along {
  /** Counts an attempt; nothing at all is written where a counter is full. */
  readonly count?: {
    /** Limits by key, sorted by key. */
    readonly limits: ReadonlyMap<string, number>;
    readonly now: Date;
    readonly endsAt: Date;
    /** Receives the counters as they are then. */
    readonly counted: (rows: readonly RateLimitRow[]) => void;
  };
  /** Releases an attempt, sorted by key. */
  readonly release?: readonly Pick<RateLimitRow, "key" | "endsAt">[];
  /** Begins a request; nothing at all is written where its key is in use. */
  readonly begin?: { readonly row: RequestRow; readonly now: Date };
  /** Keeps the answer of a running request, or forgets the request where there is no answer. */
  readonly end?: {
    readonly request: RunningRequest;
    readonly answer: string | undefined;
    /** Whole milliseconds from `now`, or from the store's own clock. */
    readonly retentionMs: number;
    readonly now: Date | undefined;
  };
}

/** What came along with a save refused it: nothing was written. */
export class AlongRefused extends Error {
  override readonly name = "AlongRefused";

  constructor(
    readonly code: "rate-limited" | "request-known",
    readonly retryAfterMs: number,
  ) {
    super(code);
  }
}
