import type { Ledger } from "@payapi/ledger";

type Group = Exclude<keyof Ledger, "close">;

/** The ledger with some of its methods replaced, group by group. */
export function changedLedger(
  ledger: Ledger,
  changes: { readonly [Name in Group]?: Partial<Ledger[Name]> },
): Ledger {
  const changed = Object.entries(changes).map(([name, methods]) => [
    name,
    { ...ledger[name as Group], ...methods },
  ]);
  return { ...ledger, ...Object.fromEntries(changed) };
}
