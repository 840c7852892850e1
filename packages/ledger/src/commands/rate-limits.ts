import type { AttemptRequest, AttemptVerdict, CounterWindow, RateLimitStore } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** The counters of attempts, over any store. */
export function attemptCounters(context: LedgerContext): RateLimitStore {
  return {
    countAttempt: async (request) => countAttempt(context, request),
    forgiveAttempt: async (counted) => forgiveAttempt(context, counted),
  };
}

async function countAttempt(context: LedgerContext, request: AttemptRequest): Promise<AttemptVerdict> {
  const limits = checkedLimits(request);
  try {
    return await context.store.transaction(async (tx) => {
      const now = context.now(tx);
      const endsAt = new Date(now.getTime() + request.windowMs);
      const counters = await tx.rateLimits.countUp(context.mid, [...limits.keys()].sort(), { now, endsAt });
      const full = counters.filter(({ key, count }) => count > (limits.get(key) ?? 0));
      if (full.length > 0)
        throw new CountersFull(Math.max(...full.map((row) => Number(row.endsAt))) - Number(now));
      // It ends at another time than every window before and after it.
      const counted = counters.map(({ key, endsAt }) => ({ key, window: endsAt.toISOString() }));
      return { allowed: true, counted };
    });
  } catch (error) {
    if (error instanceof CountersFull)
      return { allowed: false, retryAfterMs: Math.max(1, error.retryAfterMs) };
    throw error;
  }
}

async function forgiveAttempt(context: LedgerContext, counted: readonly CounterWindow[]): Promise<void> {
  const ends = new Map(counted.map(({ key, window }) => [key, endOf(key, window)]));
  const sorted = [...ends.keys()].sort();
  if (sorted.length === 0) return;
  const counters = sorted.map((key) => ({ key, endsAt: ends.get(key) ?? new Date(0) }));
  await context.store.transaction((tx) => tx.rateLimits.countDown(context.mid, counters));
}

function endOf(key: string, window: string): Date {
  checkText("key", key, 200);
  const endsAt = new Date(window);
  if (Number.isNaN(endsAt.getTime())) {
    throw new LedgerError("invalid-argument", "window must be what countAttempt gave");
  }
  return endsAt;
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
