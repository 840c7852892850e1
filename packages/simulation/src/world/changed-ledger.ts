import type { Ledger } from "@payapi/ledger";

type Group = Exclude<keyof Ledger, "close" | "environment">;

/** Methods that replace the ledger's, group by group. */
export type LedgerChanges = { readonly [Name in Group]?: Partial<Ledger[Name]> };

export function changedLedger(ledger: Ledger, changes: LedgerChanges): Ledger {
  const changed = Object.entries(changes).map(([name, methods]) => [
    name,
    { ...ledger[name as Group], ...methods },
  ]);
  return { ...ledger, ...Object.fromEntries(changed) };
}
