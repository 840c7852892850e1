import { createHash } from "node:crypto";
import type {
  CounterWindow,
  EndedRequest,
  IdempotencyStore,
  RateLimitRequest,
  RateLimitStore,
  RateLimitVerdict,
  RememberedRequest,
  RequestBeginning,
  RequestName,
  StoredAnswer,
} from "@payapi/core";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** Rate limits, over any store. */
export function rateLimitStore(context: LedgerContext): RateLimitStore {
  return {
    countAttempt: async (request) => countAttempt(context, request),
    releaseAttempt: async (counted) => releaseAttempt(context, counted),
  };
}

async function countAttempt(context: LedgerContext, request: RateLimitRequest): Promise<RateLimitVerdict> {
  const limits = checkedLimits(request);
  try {
    return await context.store.transaction(async (tx) => {
      const now = context.now(tx);
      const endsAt = new Date(now.getTime() + request.windowMs);
      const counters = await tx.rateLimits.countUp(context.mid, [...limits.keys()].sort(), { now, endsAt });
      const full = counters.filter(({ key, count }) => count > (limits.get(key) ?? 0));
      if (full.length > 0)
        throw new CountersFull(Math.max(...full.map((row) => Number(row.endsAt))) - Number(now));
      // `endsAt` identifies the window: no window before or after it ends at the same time.
      const counted = counters.map(({ key, endsAt }) => ({ key, window: endsAt.toISOString() }));
      return { allowed: true, counted };
    });
  } catch (error) {
    if (error instanceof CountersFull)
      return { allowed: false, retryAfterMs: Math.max(1, error.retryAfterMs) };
    throw error;
  }
}

async function releaseAttempt(context: LedgerContext, counted: readonly CounterWindow[]): Promise<void> {
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
    throw new LedgerError("invalid-argument", "window must be the one that countAttempt returned");
  }
  return endsAt;
}

/** Rolls the transaction back, so that an attempt increments every counter or none. */
class CountersFull extends Error {
  constructor(readonly retryAfterMs: number) {
    super("A counter is full");
  }
}

/** Limits by key. A key that is given twice gets the lower limit. */
function checkedLimits({ counters, windowMs }: RateLimitRequest): Map<string, number> {
  if (!Number.isSafeInteger(windowMs) || windowMs < 1) {
    throw new LedgerError("invalid-argument", "windowMs must be a whole number of milliseconds, at least 1");
  }
  const limits = new Map<string, number>();
  for (const { key, limit } of counters) {
    checkText("key", key, 200);
    if (!Number.isSafeInteger(limit) || limit < 0) {
      throw new LedgerError("invalid-argument", "limit must be a whole number, 0 or more");
    }
    limits.set(key, Math.min(limit, limits.get(key) ?? limit));
  }
  return limits;
}

/** Answers are kept for 24 hours after they were first given. */
const retentionMs = 24 * 60 * 60 * 1_000;

/** Idempotency keys and the answers stored for them, over any store. */
export function idempotencyStore(context: LedgerContext): IdempotencyStore {
  return {
    beginRequest: async (request) => beginRequest(context, request),
    endRequest: async (request, answer) => endRequest(context, request, answer),
  };
}

function beginRequest(context: LedgerContext, request: RememberedRequest): Promise<RequestBeginning> {
  const { fingerprint, leaseMs } = request;
  const { mid } = context;
  const id = idOf(request);
  checkText("fingerprint", fingerprint, 200);
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1) {
    throw new LedgerError("invalid-argument", "leaseMs must be a whole number of milliseconds, at least 1");
  }
  return context.store.transaction(async (tx): Promise<RequestBeginning> => {
    const now = context.now(tx);
    const endsAt = new Date(now.getTime() + leaseMs);
    const earlier = await tx.requests.beginRequest({ mid, id, fingerprint, answer: null, endsAt }, now);
    if (earlier === undefined) return { status: "new" };
    if (earlier.fingerprint !== fingerprint) return { status: "different" };
    if (earlier.answer === null) return { status: "in-progress" };
    return { status: "done", answer: JSON.parse(earlier.answer) as StoredAnswer };
  });
}

async function endRequest(
  context: LedgerContext,
  request: EndedRequest,
  answer: StoredAnswer | undefined,
): Promise<void> {
  const running = { mid: context.mid, id: idOf(request), fingerprint: request.fingerprint };
  await context.store.transaction(async (tx) => {
    if (answer === undefined) return tx.requests.forgetRequest(running);
    const { status, headers, body } = answer;
    const endsAt = new Date(context.now(tx).getTime() + retentionMs);
    // As JSON, since PostgreSQL's text type does not accept every character of an answer.
    await tx.requests.keepAnswer(running, JSON.stringify({ status, headers, body }), endsAt);
  });
}

/** A hash, since scope and key have any length and reveal who asked for what. */
function idOf({ scope, key }: RequestName): string {
  if (typeof scope !== "string" || typeof key !== "string" || key === "") {
    throw new LedgerError("invalid-argument", "scope must be a string, and key a non-empty string");
  }
  return createHash("sha256")
    .update(JSON.stringify([scope, key]))
    .digest("hex");
}
