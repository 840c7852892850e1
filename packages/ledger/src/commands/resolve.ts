import { maskCardNumbers } from "@payapi/core";
import type { Resolution } from "../domain/facts.js";
import type { ClosedReview, ResolutionResult, ReviewNote } from "../domain/resolution.js";
import { LedgerError } from "../errors.js";
import { changeOrder } from "./change-order.js";
import { checkText, maskedNote } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** Ends an unknown call, or a virtual account that awaits a deposit, with an operator's resolution. */
export function resolveByOperator(
  context: LedgerContext,
  orderId: string,
  given: Resolution,
): Promise<ResolutionResult> {
  const resolution = checkResolution(orderId, given);
  const { sendingGraceMs } = context.times;
  const { tid } = resolution;
  const ask = tid === undefined ? {} : { tids: [tid], cancelTids: [tid] };
  return changeOrder(context, orderId, (at) => ({ kind: "resolution", resolution, at, sendingGraceMs }), {
    ask,
  });
}

/**
 * Removes an order from the list of `payments.needsReview()` until a new fact about it arrives. The order's status, its lock and the
 * postings stay.
 */
export function closeReview(
  context: LedgerContext,
  orderId: string,
  given: ReviewNote,
): Promise<ClosedReview> {
  checkText("orderId", orderId, 200);
  const { seenEntries } = given;
  const note = { ...maskedNote(given), seenEntries };
  if (!Number.isSafeInteger(seenEntries) || seenEntries < 1) {
    throw new LedgerError(
      "invalid-argument",
      "seenEntries must be the number of timeline entries that were seen, at least 1",
    );
  }
  return changeOrder(context, orderId, (at) => ({ kind: "review", note, at }));
}

/** Checks a resolution, and masks card numbers in its texts. */
function checkResolution(orderId: string, { outcome, about, tid, seenAt, ...note }: Resolution): Resolution {
  checkText("orderId", orderId, 200);
  const { actor, evidence } = maskedNote(note);
  if (outcome !== "moved" && outcome !== "not-moved") {
    throw new LedgerError("invalid-argument", 'outcome must be "moved" or "not-moved"');
  }
  if (about !== undefined && about !== "approval" && about !== "cancel") {
    throw new LedgerError("invalid-argument", 'about must be "approval" or "cancel"');
  }
  if (tid !== undefined && outcome === "not-moved") {
    throw new LedgerError("invalid-argument", 'tid must be left out when outcome is "not-moved"');
  }
  if (tid !== undefined && (!/^[\x21-\x7e]{1,40}$/.test(tid) || maskCardNumbers(tid) === "[redacted]")) {
    throw new LedgerError(
      "invalid-argument",
      "tid must be a transaction id as the gateway's console shows it",
    );
  }
  if (seenAt !== undefined && !Number.isFinite(seenAt.getTime())) {
    throw new LedgerError("invalid-argument", "seenAt must be a valid Date");
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
