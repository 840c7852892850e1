import { runSeed } from "./run-seed.js";
import type { Sabotage } from "./sabotage/sabotage.js";

/** Where to search: seeds `from` to `from + seeds - 1`. */
export interface SeedRange {
  readonly from: number;
  readonly seeds: number;
}

/**
 * Returns the smallest seed in which a sabotage violates a rule; `undefined` if no seed of the range does. A shop that only crashes
 * proves nothing.
 */
export async function findSeed(sabotage: Sabotage, { from, seeds }: SeedRange): Promise<number | undefined> {
  for (let seed = from; seed < from + seeds; seed++) {
    const { violation } = await runSeed(seed, { sabotage });
    // A seed that violates a rule without the sabotage has found something else.
    if (violation?.name === "Violation" && (await runSeed(seed)).violation === undefined) return seed;
  }
  return undefined;
}
