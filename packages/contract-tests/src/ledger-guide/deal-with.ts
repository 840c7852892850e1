import type { Ledger } from "@payapi/ledger";

/** An operator has read the whole timeline, and refunded the money in the console. */
export function dealtWith(ledger: Ledger, orderId: string, seenEntries: number, actor: string) {
  const evidence = "console, 9,999 won refunded on 2 May, seen 09:20";
  return ledger.payments.closeReview(orderId, { actor, evidence, seenEntries });
}
