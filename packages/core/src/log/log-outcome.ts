import { isShopFault } from "../codes/index.js";
import type { CallResult, KeyDeletionResult } from "../payments/results.js";
import type { CallOutcome } from "../store/index.js";
import type { CallLine } from "./call-lines.js";
import { errorName, type Log, type LogFields } from "./log.js";

const outcomeLines = {
  refused: "call-refused",
  unknown: "call-unknown",
  moved: "call-mismatch",
} as const;

/**
 * Logs the outcome of a call that was sent, unless it is a success, with the facts by which an operator finds it. A call that was not sent
 * or was rejected for the shop's set-up is logged where it stopped.
 */
export function logOutcome(result: CallResult, log: Log<CallLine>, more: LogFields = {}): void {
  const { call, outcome } = result;
  const { orderId, id: callId, kind, oid } = call;
  const facts = { orderId, callId, kind, oid, ...outcomeFields(outcome), ...more };
  if (result.status === "not-recorded") {
    // This entry is the only trace of the gateway's reply; an operator needs its transaction id.
    log.write("outcome-not-recorded", { ...facts, error: errorName(result.error) });
  } else if (outcome.outcome in outcomeLines && !isShopFault(outcome.code)) {
    log.write(outcomeLines[outcome.outcome as keyof typeof outcomeLines], facts);
  }
}

/** The key is already stopped: a failed deletion at the gateway concerns an operator, not the buyer. */
export function logDeletion(result: KeyDeletionResult, log: Log<CallLine>): void {
  if (result.status === "not-reserved") return;
  if (result.status === "settled" && result.outcome.outcome === "succeeded") return;
  const { call, outcome } = result;
  log.write("key-not-deleted", { keyId: call.id, ...outcomeFields(outcome) });
}

/** The fields of an outcome. Its own code is why; the code of an entry is what happened. */
export function outcomeFields({ code, ...outcome }: Partial<CallOutcome>): LogFields {
  return { ...outcome, reason: code };
}
