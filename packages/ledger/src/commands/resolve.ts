import { maskCardNumbers } from "@payapi/core";
import type { Resolution } from "../domain/facts.js";
import type { ClosedReview, ResolutionResult, ReviewNote } from "../domain/resolution.js";
import { LedgerError } from "../errors.js";
import { changeOrder } from "./change-order.js";
import { checkText, keptWord } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** Ends an unknown call, or an account that waits for a deposit, with what an operator found out about it. */
export function resolveByOperator(
  context: LedgerContext,
  orderId: string,
  given: Resolution,
): Promise<ResolutionResult> {
  const finding = checkFinding(orderId, given);
  const { sendingGraceMs } = context.times;
  const { tid } = finding;
  const ask = tid === undefined ? {} : { tids: [tid], cancelTids: [tid] };
  return changeOrder(context, orderId, (at) => ({ kind: "resolution", finding, at, sendingGraceMs }), {
    ask,
  });
}

/**
 * Takes an order that needs review off the list of `payments.needsReview()`, until something new is heard of it. No fact is changed by it:
 * the order's status stays, and with it the lock, and so do the books.
 */
export function closeReview(
  context: LedgerContext,
  orderId: string,
  given: ReviewNote,
): Promise<ClosedReview> {
  checkText("orderId", orderId, 200);
  const { seenEntries } = given;
  const word = { ...keptWord(given), seenEntries };
  if (!Number.isSafeInteger(seenEntries) || seenEntries < 1) {
    throw new LedgerError("invalid-argument", "seenEntries must be how many lines the timeline had");
  }
  return changeOrder(context, orderId, (at) => ({ kind: "review", word, at }));
}

/** The finding as it may be kept. */
function checkFinding(orderId: string, { outcome, about, tid, seenAt, ...word }: Resolution): Resolution {
  checkText("orderId", orderId, 200);
  const { actor, evidence } = keptWord(word);
  if (outcome !== "moved" && outcome !== "not-moved") {
    throw new LedgerError("invalid-argument", 'outcome must be "moved" or "not-moved"');
  }
  if (about !== undefined && about !== "approval" && about !== "cancel") {
    throw new LedgerError("invalid-argument", 'about must be "approval" or "cancel"');
  }
  if (tid !== undefined && outcome === "not-moved") {
    throw new LedgerError("invalid-argument", "tid belongs to money that moved");
  }
  if (tid !== undefined && (!/^[\x21-\x7e]{1,40}$/.test(tid) || maskCardNumbers(tid) === "[redacted]")) {
    throw new LedgerError(
      "invalid-argument",
      "tid must be a transaction id as the gateway's console shows it",
    );
  }
  if (seenAt !== undefined && !Number.isFinite(seenAt.getTime())) {
    throw new LedgerError("invalid-argument", "seenAt must be a moment");
  }
  return {
    outcome,
    ...(seenAt === undefined ? {} : { seenAt }),
    ...(about === undefined ? {} : { about }),
    actor,
    evidence,
    ...(tid === undefined ? {} : { tid }),
  };
}
