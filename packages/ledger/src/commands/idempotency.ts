import { createHash } from "node:crypto";
import type {
  EndedRequest,
  IdempotencyStore,
  RememberedRequest,
  RequestBeginning,
  RequestName,
  StoredAnswer,
} from "@payapi/core";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** How long an answer is given again: 24 hours from when it was first given. */
const retentionMs = 24 * 60 * 60 * 1_000;

/** What is remembered of requests with an Idempotency-Key, over any store. */
export function requestMemory(context: LedgerContext): IdempotencyStore {
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
