import type { Log } from "./log.js";
import { HandlerProblem } from "./problems.js";
import { secondsOf } from "./rate-limits.js";

/** Calls the ledger before anything is sent. If the call fails, the answer is `ledger-unavailable`. */
export async function fromLedger<T>(
  logger: Log,
  about: Readonly<Record<string, string>>,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HandlerProblem) throw error;
    const code = codeOf(error);
    if (code === "rate-limited")
      throw tooManyAttempts(secondsOf(Number((error as RateLimited).retryAfterMs)));
    if (code === "request-known") throw new RequestKnown();
    const why = { error: errorName(error), ...(code === undefined ? {} : { code }) };
    logger.error({ ...about, ...why }, "The ledger failed; nothing was sent.");
    throw new HandlerProblem("ledger-unavailable", { headers: { "retry-after": "5" } });
  }
}

/** The ledger's error for a rate limit that refuses a reservation. */
interface RateLimited {
  readonly retryAfterMs: number;
}

export function tooManyAttempts(seconds: number): HandlerProblem {
  return new HandlerProblem("too-many-attempts", { headers: { "retry-after": String(seconds) } });
}

/** The request with this Idempotency-Key was begun before, so nothing was reserved. */
export class RequestKnown extends Error {
  override readonly name = "RequestKnown";
}

/** Returns an error's code, such as `DEPTH_ZERO_SELF_SIGNED_CERT` or the ledger's `database-changed`. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" && /^[\w-]{1,60}$/.test(code) ? code : undefined;
}

/** Returns an error's class for logs, since its message may contain secrets. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
