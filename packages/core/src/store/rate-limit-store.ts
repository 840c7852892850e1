/** Counts attempts that did not succeed, so that nobody tries out stolen cards. All processes count together. */
export interface RateLimitStore {
  /**
   * Adds one to every counter, or to none when one of them has reached its limit: of any number of concurrent callers no
   * more than the limit get `allowed`. A counter starts anew `windowMs` after its first attempt.
   */
  countAttempt(request: RateLimitRequest): Promise<RateLimitVerdict>;
  /**
   * Takes one attempt back from every counter, since it turned out well; never below zero, and only in the window that it was
   * counted in. A counter that has begun anew since has not counted it, and taking it back there would free another's.
   */
  releaseAttempt(counted: readonly CounterWindow[]): Promise<void>;
}

/** One attempt to be counted. */
export interface RateLimitRequest {
  /** What is counted, and up to where. Keys are opaque: they name nobody and hold no card number. */
  readonly counters: readonly { readonly key: string; readonly limit: number }[];
  readonly windowMs: number;
}

/** A counter in the window in which it counted an attempt. */
export interface CounterWindow {
  readonly key: string;
  /** Tells this window of the counter from those before and after it; what it says is the store's own business. */
  readonly window: string;
}

/** Whether an attempt may be made. */
export type RateLimitVerdict =
  | {
      readonly allowed: true;
      /** Where it was counted, for `releaseAttempt`. */
      readonly counted: readonly CounterWindow[];
    }
  | {
      readonly allowed: false;
      /** Milliseconds until the fullest counter starts anew. */
      readonly retryAfterMs: number;
    };
