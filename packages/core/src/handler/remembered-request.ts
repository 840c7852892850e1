import type { PayApi } from "../client.js";
import { errorName } from "../log/log.js";
import type { IdempotencyStore, RememberedRequest, StoredAnswer } from "../store/index.js";
import type { Timers } from "../timers.js";
import { RequestKnown } from "./from-ledger.js";
import type { HandlerLog } from "./log-lines.js";
import type { ProblemCode } from "./problem-table.js";
import { HandlerProblem } from "./problems.js";

// Answers that stay true for a day. All others describe a moment; the ledger has the newer state.
export const finalProblems: readonly ProblemCode[] = [
  "declined",
  "cancel-refused",
  "gateway-refused",
  "needs-review",
];

/** Identifies a request: its route, customer and content. */
export interface RequestIdentity {
  readonly route: string;
  readonly customerId: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How a request with an Idempotency-Key begins together with a reservation. */
export interface Reserving {
  /** What is to begin; missing where it has begun, or there is no key. */
  readonly request: RememberedRequest | undefined;
  /** Set once the reservation is written, and the request begun with it. */
  hasReserved: boolean;
}

/**
 * Processes a request with an Idempotency-Key once, and answers its repeats with the same answer.
 *
 * @param answer processes the request; a final problem is stored, any other problem frees the key
 */
export async function answerOnce(
  headerValue: string,
  identity: RequestIdentity,
  services: {
    readonly payapi: PayApi;
    readonly ledger: IdempotencyStore;
    readonly logger: HandlerLog;
    readonly timers: Timers;
  },
  answer: (reserving: Reserving) => Promise<Response>,
  { writeProblem, reserves }: { writeProblem: (problem: HandlerProblem) => Response; reserves: boolean },
): Promise<Response> {
  const { payapi, ledger, logger, timers } = services;
  if (!/^[\x21-\x7e]{1,200}$/.test(headerValue)) throw new HandlerProblem("invalid-idempotency-key");
  const [request, ...former] = requestsOf(headerValue, identity, payapi);
  /** Begins the request. Returns the stored answer of an earlier one; `undefined` if it began now. */
  const begin = async (which = request): Promise<Response | undefined> => {
    const begun = await ledger.beginRequest(which).catch((error: unknown) => {
      logger.write("request-not-remembered", { error: errorName(error) });
      throw new HandlerProblem("ledger-unavailable", { headers: { "retry-after": "5" } });
    });
    if (begun.status === "done") return restored(begun.answer);
    if (begun.status === "different") throw new HandlerProblem("idempotency-key-reused");
    if (begun.status === "in-progress") throw inProgress();
    return undefined;
  };
  const end = (stored: StoredAnswer | undefined, { scope, key, fingerprint } = request) =>
    ledger.endRequest({ scope, key, fingerprint }, stored).catch((error: unknown) => {
      // The answer stays valid: the key is free again when the lease ends, and the ledger prevents a second charge.
      logger.write("answer-not-remembered", { error: errorName(error) });
    });
  const reserving: Reserving = { request: reserves ? request : undefined, hasReserved: false };
  for (const each of former) {
    const known = await begin(each);
    if (known !== undefined) return known;
    // It is new, and begins under the current secret.
    await end(undefined, each);
  }
  const earlier = reserves ? undefined : await begin();
  if (earlier !== undefined) return earlier;
  try {
    const response = await answer(reserving);
    await atMost(storeMs, end(await stored(response.clone())), timers);
    return response;
  } catch (error) {
    // Nothing was reserved, so the request did not begin with it: whether it was known before counts more than the problem.
    const known = reserves && !reserving.hasReserved ? await begin() : undefined;
    if (known !== undefined) return known;
    const final = error instanceof HandlerProblem && finalProblems.includes(error.code);
    await atMost(storeMs, end(final ? await stored(writeProblem(error)) : undefined), timers);
    throw error instanceof RequestKnown ? inProgress() : error;
  }
}

/** The request under the current secret of digests, and under each earlier one. */
function requestsOf(
  headerValue: string,
  { route, customerId, body }: RequestIdentity,
  payapi: PayApi,
): readonly [RememberedRequest, ...RememberedRequest[]] {
  const content = Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Longer than the call and its net cancel may take.
  const leaseMs = 2 * payapi.timeoutMs + 60_000;
  // The client chooses the key, so it could be a card number.
  const parts = [
    ["request-scope", route, customerId],
    ["request-key", headerValue],
    ["request-content", content],
  ].map((part) => JSON.stringify(part));
  const named = ([scope = "", key = "", fingerprint = ""]: readonly string[]) => ({
    scope,
    key,
    fingerprint,
    leaseMs,
  });
  const former = parts.map((part) => payapi.earlierFingerprints(part));
  return [
    named(parts.map((part) => payapi.fingerprint(part))),
    ...(former[0] ?? []).map((_, at) => named(former.map((each) => each[at] ?? ""))),
  ];
}

/**
 * How long an answer waits for being stored. Usually it is stored before the buyer sees it, so that a repeat gets it at once; but an answer
 * that is known does not wait for a database that is away.
 */
const storeMs = 1_000;

async function atMost(ms: number, work: Promise<unknown>, { wait }: Timers): Promise<void> {
  const over = new AbortController();
  const late = wait(ms, { signal: over.signal }).catch(() => undefined);
  await Promise.race([work, late]).finally(() => over.abort());
}

function inProgress(): HandlerProblem {
  return new HandlerProblem("request-in-progress", { headers: { "retry-after": "1" } });
}

async function stored(response: Response): Promise<StoredAnswer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

function restored({ status, headers, body }: StoredAnswer): Response {
  return new Response(body, { status, headers: { ...headers, "idempotent-replayed": "true" } });
}
