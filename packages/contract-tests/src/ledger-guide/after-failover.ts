import type { ComparedPayment, ConsoleTransaction, Ledger } from "@payapi/ledger";

/** What `allowCallsAgain` would change: the payments that the ledger lost, or has otherwise than the gateway's console. */
export async function differences(
  ledger: Ledger,
  transactions: readonly ConsoleTransaction[],
): Promise<readonly ComparedPayment[]> {
  const compared = await ledger.operations.compareTransactions(transactions);
  return compared.filter(({ finding }) => finding !== "known");
}

/** Adopts the payments that the ledger lost, and sends calls again. */
export async function allowCallsAgain(
  ledger: Ledger,
  transactions: readonly ConsoleTransaction[],
  { actor, seen }: { actor: string; seen: string },
): Promise<void> {
  const evidence = "failover of 1 May; console exported at 09:10, from 08:50 on";
  // Rejected if yet another server took over since `seen` was read.
  await ledger.operations.acceptDatabase({ actor, evidence, seen, transactions });
}
