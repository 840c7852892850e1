import { codeOf, errorName } from "../log/log.js";
import type { HandlerLog } from "./log-lines.js";
import { HandlerProblem } from "./problems.js";
import { secondsOf } from "./rate-limits.js";

/** Calls the ledger before anything is sent. If the call fails, the answer is `ledger-unavailable`. */
export async function fromLedger<T>(
  logger: HandlerLog,
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
    logger.write("ledger-failed", { ...about, error: errorName(error), reason: code });
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
