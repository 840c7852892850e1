import type { CallOutcome } from "@payapi/core";
import type { ReplyFacts } from "./rows.js";

/** The facts of an outcome in a form that any store can keep: a strange reply must never make settling fail. */
export interface SettledFacts extends ReplyFacts {
  readonly outcome: CallOutcome["outcome"];
  readonly tid: string | null;
  readonly cancelTid: string | null;
  readonly applNum: string | null;
  readonly reportedRemaining: number | null;
  readonly at: Date | null;
}

/** A success whose amounts are no amounts is no proof of what was asked: it counts as `moved`. */
export function factsOf(outcome: CallOutcome): SettledFacts {
  const strange = [outcome.price, outcome.remainingPrice].some(
    (price) => price !== undefined && wonOrNull(price) === null,
  );
  return {
    outcome: outcome.outcome === "succeeded" && strange ? "moved" : outcome.outcome,
    failureCode: cleanText(outcome.code, 64),
    resultCode: cleanText(outcome.resultCode, 32),
    resultMessage: cleanText(maskCardNumbers(outcome.resultMessage), 500),
    reportedPrice: wonOrNull(outcome.price),
    reportedRemaining: wonOrNull(outcome.remainingPrice),
    tid: cleanTid(outcome.tid),
    cancelTid: cleanTid(outcome.cancelTid),
    applNum: cleanText(outcome.applNum, 64),
    at: outcome.at !== undefined && Number.isFinite(outcome.at.getTime()) ? new Date(outcome.at) : null,
  };
}

/** PostgreSQL keeps no NUL in text, and half a surrogate pair is no character. */
function cleanText(text: string | undefined, maxLength: number): string | null {
  if (text === undefined) return null;
  const clean = text.replaceAll(/\p{Cc}|\p{Cs}/gu, " ").trim();
  return clean === "" ? null : [...clean].slice(0, maxLength).join("");
}

/** An id that could not be sent back to the gateway is no id. */
function cleanTid(tid: string | undefined): string | null {
  return tid !== undefined && /^[\x21-\x7e]{1,64}$/.test(tid) ? tid : null;
}

function wonOrNull(price: number | undefined): number | null {
  return price !== undefined && Number.isSafeInteger(price) && price >= 0 ? price : null;
}

/**
 * Core masks already; what is kept for ever is masked once more. Before it is cut, or a cut number would pass, and
 * however many digits are in a row, since a card number may stand among them.
 */
function maskCardNumbers(text: string | undefined): string | undefined {
  return text?.replaceAll(/\d(?:[\p{Cc} .-]?\d){11,}/gu, "[card number]");
}
