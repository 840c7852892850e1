import type { PayApi } from "../client.js";
import type { IdempotencyStore, RememberedRequest, StoredAnswer } from "../store/index.js";
import { errorName, RequestKnown } from "./from-ledger.js";
import type { Logger } from "./options.js";
import type { ProblemCode } from "./problem-table.js";
import { HandlerProblem } from "./problems.js";

// What may be said again a day later. Everything else describes a moment, and the ledger knows it better by then.
export const finalProblems: readonly ProblemCode[] = [
  "declined",
  "cancel-refused",
  "gateway-refused",
  "needs-review",
];

/** What tells a request from others: who asks for what, with which key and content. */
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
 * Answers a request that carries an Idempotency-Key once, and repeats of it with the same answer.
 *
 * @param answer makes the answer; a problem that is final is remembered, and any other leaves the key free
 */
export async function answerOnce(
  headerValue: string,
  identity: RequestIdentity,
  services: { readonly payapi: PayApi; readonly ledger: IdempotencyStore; readonly logger: Logger },
  answer: (reserving: Reserving) => Promise<Response>,
  { writeProblem, reserves }: { writeProblem: (problem: HandlerProblem) => Response; reserves: boolean },
): Promise<Response> {
  const { payapi, ledger, logger } = services;
  if (!/^[\x21-\x7e]{1,200}$/.test(headerValue)) throw new HandlerProblem("invalid-idempotency-key");
  const digest = (...parts: unknown[]) => payapi.fingerprint(JSON.stringify(parts));
  const name = {
    scope: digest("request-scope", identity.route, identity.customerId),
    // A key is the client's own text: it could be a card number.
    key: digest("request-key", headerValue),
  };
  const content = Object.entries(identity.body).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const fingerprint = digest("request-content", content);
  // As long as the call and its net cancel may take, and then some.
  const request = { ...name, fingerprint, leaseMs: 2 * payapi.timeoutMs + 60_000 };
  /** The answer that was given before; `undefined` if the request began now. */
  const begin = async (): Promise<Response | undefined> => {
    const begun = await ledger.beginRequest(request).catch((error: unknown) => {
      logger.error({ error: errorName(error) }, "A request could not be remembered; nothing was sent.");
      throw new HandlerProblem("ledger-unavailable", { headers: { "retry-after": "5" } });
    });
    if (begun.status === "done") return restored(begun.answer);
    if (begun.status === "different") throw new HandlerProblem("idempotency-key-reused");
    if (begun.status === "in-progress") throw inProgress();
    return undefined;
  };
  const end = (stored: StoredAnswer | undefined) =>
    ledger.endRequest({ ...name, fingerprint }, stored).catch((error: unknown) => {
      // The answer is as good without: its key is free again when the lease ends, and the ledger guards the rest.
      logger.warn({ error: errorName(error) }, "An answer could not be remembered.");
    });
  const reserving: Reserving = { request: reserves ? request : undefined, hasReserved: false };
  const earlier = reserves ? undefined : await begin();
  if (earlier !== undefined) return earlier;
  try {
    const response = await answer(reserving);
    await end(await stored(response.clone()));
    return response;
  } catch (error) {
    // Nothing was reserved, so the request did not begin with it: whether it was known before counts more than the problem.
    const known = reserves && !reserving.hasReserved ? await begin() : undefined;
    if (known !== undefined) return known;
    const final = error instanceof HandlerProblem && finalProblems.includes(error.code);
    await end(final ? await stored(writeProblem(error)) : undefined);
    throw error instanceof RequestKnown ? inProgress() : error;
  }
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
