import { type ApprovalRequest, type CancelRequest, maskCardNumbers } from "@payapi/core";
import { LedgerError } from "../errors.js";

/** Whatever this refuses would be a mistake of the program, not of a buyer: it throws. */
export function checkApprovalRequest({ orderId, price, payType, page }: ApprovalRequest): void {
  checkText("orderId", orderId, 200);
  checkText("payType", payType, 20);
  checkWon("price", price, 1);
  if (page === undefined) return;
  checkText("page.oid", page.oid, 40);
  checkTid("page.tid", page.tid);
}

/** The request as it may be kept. */
export function checkedCancelRequest(request: CancelRequest): CancelRequest {
  const { actor } = request;
  checkCancel(request);
  return actor === undefined ? request : { ...request, actor: keptWords("actor", actor, 200) };
}

function checkCancel({ orderId, part, network }: CancelRequest): void {
  checkText("orderId", orderId, 200);
  if (network === true && part !== undefined) {
    throw new LedgerError(
      "invalid-argument",
      "A net cancel undoes all of an approval: part must be left out",
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
      `${name} must be a text of 1 to ${maxLength} characters without control characters`,
    );
  }
}

/** Words of a person that are kept for ever: checked, and without card numbers. */
export function keptWords(name: string, text: string, maxLength: number): string {
  checkText(name, text, maxLength);
  return maskCardNumbers(text);
}

/** Who asked for something or settled it, and what it was seen in. */
export function keptWord({ actor, evidence }: { readonly actor: string; readonly evidence: string }): {
  readonly actor: string;
  readonly evidence: string;
} {
  return { actor: keptWords("actor", actor, 200), evidence: keptWords("evidence", evidence, 1_000) };
}

/** An id that could not be sent back to the gateway is no id. */
export function checkTid(name: string, tid: string): void {
  if (typeof tid !== "string" || !/^[\x21-\x7e]{1,40}$/.test(tid)) {
    throw new LedgerError("invalid-argument", `${name} must be a transaction id as the gateway gives it`);
  }
}

/** How many of a list are asked for at once. */
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
