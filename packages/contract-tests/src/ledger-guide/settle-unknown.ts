import type { Ledger } from "@payapi/ledger";

/** The console shows a transaction for the oid: the money moved. */
export function foundInConsole(ledger: Ledger, orderId: string, tid: string, actor: string) {
  const evidence = "console, payments by order number, seen 09:20";
  return ledger.payments.resolve(orderId, { outcome: "moved", about: "approval", tid, actor, evidence });
}

/** The console shows none, 10 minutes after the call's deadline or later: no money moved. */
export function notInConsole(ledger: Ledger, orderId: string, actor: string) {
  const evidence = "console, payments by order number, nothing, seen 09:20";
  return ledger.payments.resolve(orderId, { outcome: "not-moved", about: "approval", actor, evidence });
}
