import { type ApprovalRequest, type CancelRequest, maskCardNumbers } from "@payapi/core";
import { LedgerError } from "../errors.js";

/** Throws for requests that a correct program never makes; buyers cannot cause them. */
export function checkApprovalRequest({ orderId, price, payType, page }: ApprovalRequest): void {
  checkText("orderId", orderId, 200);
  checkText("payType", payType, 20);
  checkWon("price", price, 1);
  if (page === undefined) return;
  checkText("page.oid", page.oid, 40);
  checkTid("page.tid", page.tid);
}

/** Checks a cancel request, and masks card numbers in its `actor`. */
export function checkedCancelRequest(request: CancelRequest): CancelRequest {
  const { actor } = request;
  checkCancel(request);
  return actor === undefined ? request : { ...request, actor: maskedText("actor", actor, 200) };
}

function checkCancel({ orderId, part, netCancel }: CancelRequest): void {
  checkText("orderId", orderId, 200);
  if (netCancel === true && part !== undefined) {
    throw new LedgerError(
      "invalid-argument",
      "part must be left out with netCancel: a net cancel undoes the whole approval",
    );
  }
  if (part === undefined) return;
  checkWon("part.cancelPrice", part.cancelPrice, 1);
  checkWon("part.confirmPrice", part.confirmPrice, 0);
}

export function checkText(name: string, text: string, maxLength: number): void {
  if (typeof text !== "string" || text === "" || text.length > maxLength || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new LedgerError(
      "invalid-argument",
      `${name} must be a string of 1 to ${maxLength} characters without control characters`,
    );
  }
}

/** A person's text that is stored permanently: checked, with card numbers masked. */
export function maskedText(name: string, text: string, maxLength: number): string {
  checkText(name, text, maxLength);
  return maskCardNumbers(text);
}

/** An operator's name and evidence: checked, with card numbers masked. */
export function maskedNote({ actor, evidence }: { readonly actor: string; readonly evidence: string }): {
  readonly actor: string;
  readonly evidence: string;
} {
  return { actor: maskedText("actor", actor, 200), evidence: maskedText("evidence", evidence, 1_000) };
}

/** Checks that a transaction id can be sent to the gateway. */
export function checkTid(name: string, tid: string): void {
  if (typeof tid !== "string" || !/^[\x21-\x7e]{1,40}$/.test(tid)) {
    throw new LedgerError(
      "invalid-argument",
      `${name} must be the gateway's transaction id: 1 to 40 printable ASCII characters without spaces`,
    );
  }
}

/** Checks the page size of a list. */
export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > 500) {
    throw new LedgerError("invalid-argument", "limit must be a whole number from 1 to 500");
  }
}

export function checkWon(name: string, won: number, least: number): void {
  if (!Number.isSafeInteger(won) || won < least) {
    throw new LedgerError("invalid-argument", `${name} must be a whole number of won, at least ${least}`);
  }
}
