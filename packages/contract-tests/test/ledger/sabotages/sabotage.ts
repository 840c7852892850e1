import type { FullPaymentStore } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";

/** What a store does differently from a correct one, and the case that must say so. */
export interface Sabotage {
  readonly caughtBy: string;
  /** What stands in the way of the correct store's methods. */
  readonly change: (good: Ledger) => Partial<FullPaymentStore>;
}

export type Sabotages = Readonly<Record<string, Sabotage>>;

/** Lets every other caller that is under way come to the same point: what races over a database. */
export const othersToo = () => new Promise((resolve) => setImmediate(resolve));

/** One sabotage that several cases must catch, under a name for each. */
export function alike(caughtBy: Readonly<Record<string, string>>, change: Sabotage["change"]): Sabotages {
  return Object.fromEntries(Object.entries(caughtBy).map(([name, by]) => [name, { caughtBy: by, change }]));
}
