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
import { type Along, AlongRefused } from "../store/limit-rows.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** Rate limits, over any store. */
export function rateLimitStore(context: LedgerContext): RateLimitStore {
  return {
    consumeRateLimit: async (request) => consumeRateLimit(context, request),
    releaseRateLimit: async (counted) => releaseRateLimit(context, counted),
  };
}

async function consumeRateLimit(
  context: LedgerContext,
  request: RateLimitRequest,
): Promise<RateLimitVerdict> {
  const { mid, clock, store } = context;
  const { along, counted } = alongReservation({ rateLimit: request });
  try {
    await store.save({ mid, along: along(clock?.()) });
    return { allowed: true, counted: counted() ?? [] };
  } catch (error) {
    if (!(error instanceof AlongRefused)) throw error;
    return { allowed: false, retryAfterMs: withinWindow(error.retryAfterMs, request.windowMs) };
  }
}

/** A transaction that began earlier may see a window that another opened after it: no wait is longer than a window. */
function withinWindow(waitMs: number, windowMs: number): number {
  return Math.min(Math.max(1, waitMs), windowMs);
}

async function releaseRateLimit(context: LedgerContext, counted: readonly CounterWindow[]): Promise<void> {
  const release = countersOf(counted);
  if (release.length > 0) await context.store.save({ mid: context.mid, along: { release } });
}

function endOf(key: string, window: string): Date {
  checkText("key", key, 200);
  const endsAt = new Date(window);
  if (Number.isNaN(endsAt.getTime())) {
    throw new LedgerError("invalid-argument", "window must be the one that consumeRateLimit returned");
  }
  return endsAt;
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

async function beginRequest(context: LedgerContext, request: RememberedRequest): Promise<RequestBeginning> {
  const { mid, clock, store } = context;
  const begin = requestToBegin(request);
  for (let round = 1; round <= rounds; round++) {
    try {
      await store.save({ mid, along: { begin: { ...begin, now: clock?.() } } });
      return { status: "new" };
    } catch (error) {
      if (!(error instanceof AlongRefused)) throw error;
    }
    const earlier = await store.request(mid, begin.id);
    // It was forgotten meanwhile, so its key is free again.
    if (earlier === undefined) continue;
    if (earlier.fingerprint !== begin.fingerprint) return { status: "different" };
    if (earlier.answer === null) return { status: "in-progress" };
    return { status: "done", answer: JSON.parse(earlier.answer) as StoredAnswer };
  }
  return { status: "in-progress" };
}

/** How often a request is begun again because an earlier one with its key was just forgotten. */
const rounds = 5;

async function endRequest(
  context: LedgerContext,
  request: EndedRequest,
  answer: StoredAnswer | undefined,
): Promise<void> {
  const { mid, clock, store } = context;
  const running = { mid, id: idOf(request), fingerprint: request.fingerprint };
  const { status, headers, body } = answer ?? {};
  // As JSON, since PostgreSQL's text type does not accept every character of an answer.
  const kept = answer === undefined ? undefined : JSON.stringify({ status, headers, body });
  await store.save({ mid, along: { end: { request: running, answer: kept, retentionMs, now: clock?.() } } });
}

function requestToBegin(request: RememberedRequest): Omit<NonNullable<Along["begin"]>, "now"> {
  const { fingerprint, leaseMs } = request;
  const id = idOf(request);
  checkText("fingerprint", fingerprint, 200);
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1) {
    throw new LedgerError("invalid-argument", "leaseMs must be a whole number of milliseconds, at least 1");
  }
  return { id, fingerprint, leaseMs };
}

/** The rate limits and the idempotency key to write together with a reservation, and the counters that were incremented. */
export function alongReservation({ rateLimit, request }: NonNullable<ApprovalRequest["along"]>): {
  /** Takes the current time (default: the store's clock). */
  readonly along: (now?: Date) => Along;
  readonly limits: ReadonlyMap<string, number> | undefined;
  readonly counted: () => readonly CounterWindow[] | undefined;
} {
  const limits = rateLimit && new Map([...checkedLimits(rateLimit)].sort(([a], [b]) => (a < b ? -1 : 1)));
  const begin = request && requestToBegin(request);
  let counted: readonly CounterWindow[] | undefined;
  return {
    along: (now) => ({
      ...(limits &&
        rateLimit && {
          count: {
            limits,
            now,
            windowMs: rateLimit.windowMs,
            counted(rows) {
              // `endsAt` identifies the window: no window before or after it ends at the same time.
              counted = rows.map(({ key, endsAt }) => ({ key, window: endsAt.toISOString() }));
            },
          },
        }),
      ...(begin && { begin: { ...begin, now } }),
    }),
    limits,
    counted: () => counted,
  };
}

/** The counters to decrement for a released attempt. */
export function countersOf(counted: readonly CounterWindow[]): NonNullable<Along["release"]> {
  const ends = new Map(counted.map(({ key, window }) => [key, endOf(key, window)]));
  return [...ends].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, endsAt]) => ({ key, endsAt }));
}

/** The error of a save that a rate limit or an idempotency key refused. */
export function refusedAlong(
  { code, retryAfterMs: waitMs }: AlongRefused,
  { rateLimit }: NonNullable<ApprovalRequest["along"]>,
): LedgerError {
  const retryAfterMs = withinWindow(waitMs, rateLimit?.windowMs ?? waitMs);
  return code === "rate-limited"
    ? new LedgerError(
        code,
        "A rate limit is exhausted, so nothing was reserved: try again after retryAfterMs",
        { retryAfterMs },
      )
    : new LedgerError(
        code,
        "The Idempotency-Key is already in use, so nothing was reserved: read its answer with beginRequest",
      );
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
