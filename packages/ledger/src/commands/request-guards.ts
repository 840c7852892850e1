import { createHash } from "node:crypto";
import type {
  ApprovalRequest,
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
import type { Along, AlongRefused, RequestRow } from "../store/limit-rows.js";
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
  const release = countersOf(counted);
  if (release.length > 0) await context.store.save({ mid: context.mid, along: { release } });
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
  const { mid } = context;
  const rowAt = requestRow(mid, request);
  const { fingerprint } = request;
  return context.store.transaction(async (tx): Promise<RequestBeginning> => {
    const now = context.now(tx);
    const earlier = await tx.requests.beginRequest(rowAt(now), now);
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
  const { mid, clock, store } = context;
  const running = { mid, id: idOf(request), fingerprint: request.fingerprint };
  const { status, headers, body } = answer ?? {};
  // JSON, since a database's text does not hold every character that an answer may.
  const kept = answer === undefined ? undefined : JSON.stringify({ status, headers, body });
  await store.save({ mid, along: { end: { request: running, answer: kept, retentionMs, now: clock?.() } } });
}

/** The row of a request that begins, from the time on at which it does. */
function requestRow(mid: string, request: RememberedRequest): (now: Date) => RequestRow {
  const { fingerprint, leaseMs } = request;
  const id = idOf(request);
  checkText("fingerprint", fingerprint, 200);
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1) {
    throw new LedgerError("invalid-argument", "leaseMs must be a whole number of milliseconds");
  }
  return (now) => ({ mid, id, fingerprint, answer: null, endsAt: new Date(now.getTime() + leaseMs) });
}

/** What is written together with a reservation, and where its attempt was counted then. */
export function alongReservation(
  mid: string,
  { rateLimit, request }: NonNullable<ApprovalRequest["along"]>,
): {
  readonly along: (at: Date) => Along;
  readonly limits: ReadonlyMap<string, number> | undefined;
  readonly counted: () => readonly CounterWindow[] | undefined;
} {
  const limits = rateLimit && new Map([...checkedLimits(rateLimit)].sort(([a], [b]) => (a < b ? -1 : 1)));
  const rowAt = request && requestRow(mid, request);
  let counted: readonly CounterWindow[] | undefined;
  return {
    along: (now) => ({
      ...(limits &&
        rateLimit && {
          count: {
            limits,
            now,
            endsAt: new Date(now.getTime() + rateLimit.windowMs),
            counted(rows) {
              counted = rows.map(({ key, endsAt }) => ({ key, window: endsAt.toISOString() }));
            },
          },
        }),
      ...(rowAt && { begin: { row: rowAt(now), now } }),
    }),
    limits,
    counted: () => counted,
  };
}

/** The counters of an attempt that is to be released. */
export function countersOf(counted: readonly CounterWindow[]): NonNullable<Along["release"]> {
  const ends = new Map(counted.map(({ key, window }) => [key, endOf(key, window)]));
  return [...ends].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, endsAt]) => ({ key, endsAt }));
}

/** The error for what came along with a save and refused it. */
export function refusedAlong({ code, retryAfterMs }: AlongRefused): LedgerError {
  return code === "rate-limited"
    ? new LedgerError(code, "A rate limit refuses the attempt: nothing was reserved", { retryAfterMs })
    : new LedgerError(code, "The request was begun before: nothing was reserved");
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
