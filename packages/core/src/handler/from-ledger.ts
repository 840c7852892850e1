import type { Logger } from "./options.js";
import { HandlerProblem } from "./problems.js";

/** Calls the ledger before anything is sent. If the call fails, the answer is `ledger-unavailable`. */
export async function fromLedger<T>(
  logger: Logger,
  about: Readonly<Record<string, string>>,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof HandlerProblem) throw error;
    const code = codeOf(error);
    const why = { error: errorName(error), ...(code === undefined ? {} : { code }) };
    logger.error({ ...about, ...why }, "The ledger failed; nothing was sent.");
    throw new HandlerProblem("ledger-unavailable", { headers: { "retry-after": "5" } });
  }
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
