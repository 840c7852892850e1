import type { FullRecord } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";

/** What a record does differently from a correct one, and the case that must say so. */
export interface Sabotage {
  readonly caughtBy: string;
  /** What stands in the way of the correct record's methods. */
  readonly change: (good: Ledger) => Partial<FullRecord>;
}

export type Sabotages = Readonly<Record<string, Sabotage>>;

/** Lets every other caller that is under way come to the same point: what races over a database. */
export const othersToo = () => new Promise((resolve) => setImmediate(resolve));

/** One sabotage that several cases must catch, under a name for each. */
export function alike(caughtBy: Readonly<Record<string, string>>, change: Sabotage["change"]): Sabotages {
  return Object.fromEntries(Object.entries(caughtBy).map(([name, by]) => [name, { caughtBy: by, change }]));
}
