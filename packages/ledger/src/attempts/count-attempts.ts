import type { AttemptCounters, AttemptRequest, AttemptVerdict } from "@payapi/core";
import { checkText } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";

/** The counters of attempts, over any store. */
export function attemptCounters(context: LedgerContext): AttemptCounters {
  return {
    countAttempt: async (request) => countAttempt(context, request),
    forgiveAttempt: async (keys) => forgiveAttempt(context, keys),
  };
}

async function countAttempt(context: LedgerContext, request: AttemptRequest): Promise<AttemptVerdict> {
  const limits = checkedLimits(request);
  try {
    return await context.store.transaction(async (tx) => {
      const now = context.now(tx);
      const endsAt = new Date(now.getTime() + request.windowMs);
      const counters = await tx.attempts.countUp(context.mid, [...limits.keys()].sort(), { now, endsAt });
      const full = counters.filter(({ key, count }) => count > (limits.get(key) ?? 0));
      if (full.length > 0)
        throw new CountersFull(Math.max(...full.map((row) => Number(row.endsAt))) - Number(now));
      return { allowed: true };
    });
  } catch (error) {
    if (error instanceof CountersFull)
      return { allowed: false, retryAfterMs: Math.max(1, error.retryAfterMs) };
    throw error;
  }
}

async function forgiveAttempt(context: LedgerContext, keys: readonly string[]): Promise<void> {
  for (const key of keys) checkText("key", key, 200);
  const sorted = [...new Set(keys)].sort();
  if (sorted.length === 0) return;
  await context.store.transaction((tx) => tx.attempts.countDown(context.mid, sorted, context.now(tx)));
}

/** Rolls the transaction back: where one counter is full, none has counted. */
class CountersFull extends Error {
  constructor(readonly retryAfterMs: number) {
    super("A counter is full");
  }
}

/** By key; of a key that is given twice, the lower limit. */
function checkedLimits({ counters, windowMs }: AttemptRequest): Map<string, number> {
  if (!Number.isSafeInteger(windowMs) || windowMs < 1) {
    throw new LedgerError("invalid-argument", "windowMs must be a whole number of milliseconds");
  }
  const limits = new Map<string, number>();
  for (const { key, limit } of counters) {
    checkText("key", key, 200);
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new LedgerError("invalid-argument", "limit must be a whole number");
    }
    limits.set(key, Math.min(limit, limits.get(key) ?? limit));
  }
  return limits;
}
