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
