/** Counts attempts for rate limits against card testing, shared by all processes. */
export interface RateLimitStore {
  /**
   * Increments every counter, or none if one has reached its limit. Of all concurrent callers, at most the limit get `allowed`. A
   * counter resets `windowMs` after its first attempt.
   */
  consumeRateLimit(request: RateLimitRequest): Promise<RateLimitVerdict>;
  /**
   * Decrements every counter after an attempt that does not count, never below zero, and only in the window that counted it: a counter
   * that has been reset since did not count this attempt.
   */
  releaseRateLimit(counted: readonly CounterWindow[]): Promise<void>;
}

/** An attempt to count. */
export interface RateLimitRequest {
  /** The counters and their limits. Keys are digests without names or card numbers. */
  readonly counters: readonly { readonly key: string; readonly limit: number }[];
  readonly windowMs: number;
}

/** A counter, and the window in which it counted an attempt. */
export interface CounterWindow {
  readonly key: string;
  /** Identifies the counter's window, in a form of the store's choice. */
  readonly window: string;
}

/** The result of counting an attempt. */
export type RateLimitVerdict =
  | {
      readonly allowed: true;
      /** The counters, for `releaseRateLimit`. */
      readonly counted: readonly CounterWindow[];
    }
  | {
      readonly allowed: false;
      /** Milliseconds until every full counter has been reset. */
      readonly retryAfterMs: number;
    };
