import { describe, expect, it } from "vitest";
// Built code runs several times faster than what vitest makes of the source.
import { runSeed } from "../dist/run-seed.js";
import { sabotages } from "../dist/sabotage/sabotages.js";

const mistakes = Object.entries(sabotages);
const otherSeeds = Array.from({ length: 250 }, (_, index) => index + 1);

it("has more than forty sabotages", () => {
  expect(mistakes.length).toBeGreaterThan(40);
});

describe("the simulation finds code that", () => {
  it.each(mistakes.map(([name, sabotage]) => ({ name, sabotage, what: sabotage.what })))(
    "$what ($name)",
    { timeout: 300_000 },
    async ({ sabotage }) => {
      for (const seed of [sabotage.foundBy, ...otherSeeds]) {
        const { violation } = await runSeed(seed, { sabotage });
        if (violation === undefined) continue;
        // A sabotaged shop that only breaks down would prove nothing.
        expect(violation.name).toBe("Violation");
        return;
      }
      expect.unreachable("nothing was found");
    },
  );
});
