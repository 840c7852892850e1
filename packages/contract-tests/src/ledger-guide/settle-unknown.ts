import type { Ledger } from "@payapi/ledger";

/** The console shows the oid with a transaction: it moved. */
export function foundInConsole(ledger: Ledger, orderId: string, tid: string, actor: string) {
  const evidence = "console, payments by order number, seen 09:20";
  return ledger.payments.resolve(orderId, { outcome: "moved", about: "approval", tid, actor, evidence });
}

/** The console does not show it, ten minutes after the call's deadline or later: it did not move. */
export function notInConsole(ledger: Ledger, orderId: string, actor: string) {
  const evidence = "console, payments by order number, nothing, seen 09:20";
  return ledger.payments.resolve(orderId, { outcome: "not-moved", about: "approval", actor, evidence });
}
