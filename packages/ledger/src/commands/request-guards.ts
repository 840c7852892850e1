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

/** The counters of attempts, over any store. */
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
function checkedLimits({ counters, windowMs }: RateLimitRequest): Map<string, number> {
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

/** How long an answer is given again: 24 hours from when it was first given. */
const retentionMs = 24 * 60 * 60 * 1_000;

/** What is remembered of requests with an Idempotency-Key, over any store. */
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
    throw new LedgerError("invalid-argument", "leaseMs must be a whole number of milliseconds");
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
    // JSON, since a database's text does not hold every character that an answer may.
    await tx.requests.keepAnswer(running, JSON.stringify({ status, headers, body }), endsAt);
  });
}

/** A digest: names may be of any length, and say who asked for what. */
function idOf({ scope, key }: RequestName): string {
  if (typeof scope !== "string" || typeof key !== "string" || key === "") {
    throw new LedgerError("invalid-argument", "A request goes by a scope and a key");
  }
  return createHash("sha256")
    .update(JSON.stringify([scope, key]))
    .digest("hex");
}
