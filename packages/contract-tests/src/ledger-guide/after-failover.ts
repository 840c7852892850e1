import type { Ledger } from "@payapi/ledger";

/** Before the console is compared: what to compare, if it is to be compared at all. */
export async function databaseToCompare(ledger: Ledger): Promise<string | undefined> {
  const { accepted, seen } = await ledger.operations.database();
  return accepted ? undefined : seen;
}

/** After it was compared with the ledger, and what the ledger lost was refunded there or marked as paid by hand. */
export async function allowCallsAgain(ledger: Ledger, actor: string, seen: string): Promise<void> {
  const evidence = "failover of 1 May; console compared from 08:50 to 09:10, nothing missing";
  // Refused if yet another server took over meanwhile.
  await ledger.operations.acceptDatabase({ actor, evidence, seen });
}
