import { maskCardNumbers } from "@payapi/core";
import { checkText, keptWord } from "../check-request.js";
import { LedgerError } from "../errors.js";

/** What an operator found out about a call whose outcome is unknown. */
export interface OperatorFinding {
  /** `moved`: the gateway did what the call asked for, to the won. `not-moved`: it did nothing. */
  readonly outcome: "moved" | "not-moved";
  /**
   * Which call it is about. It may be left out where only one is unknown; beside an unknown network cancel it must be
   * `approval`, since what became of the cancel means nothing before that is known.
   */
  readonly about?: "approval" | "cancel";
  /** The transaction in the gateway's console. An approval that moved needs it; a partial cancel has one of its own. */
  readonly tid?: string;
  /** Who says so. */
  readonly actor: string;
  /** What it was seen in, such as the console's page and the time; kept for ever. Not for card data. */
  readonly evidence: string;
  /**
   * When the console was looked at; now, unless given. That nothing moved is believed of what was seen ten minutes after the call's
   * deadline: what was seen before, and is said only then, proves nothing. Nor does what was seen before the call was made.
   */
  readonly seenAt?: Date;
}

/** The finding as it may be kept. */
export function checkFinding(
  orderId: string,
  { outcome, about, tid, seenAt, ...word }: OperatorFinding,
): OperatorFinding {
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
