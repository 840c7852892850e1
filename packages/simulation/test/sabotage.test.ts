import { describe, expect, it } from "vitest";
// Built code runs several times faster than what vitest makes of the source.
import { runSeed } from "../dist/run-seed.js";
import { sabotages } from "../dist/sabotage/sabotages.js";

const mistakes = Object.entries(sabotages);

it("has more than forty sabotages", () => {
  expect(mistakes.length).toBeGreaterThan(40);
});

describe("the simulation finds code that", () => {
  it.each(mistakes.map(([name, sabotage]) => ({ name, sabotage, what: sabotage.what })))(
    "$what ($name)",
    { timeout: 60_000 },
    async ({ name, sabotage }) => {
      const { violation } = await runSeed(sabotage.foundBy, { sabotage });
      const command = `npm run simulate -- --find-sabotages --seeds 500 --sabotage ${name}`;
      const hint = `foundBy ${sabotage.foundBy} no longer finds ${name}; "${command}" prints the seed to write there`;
      // A sabotaged shop that only breaks down would prove nothing.
      expect(violation?.name, hint).toBe("Violation");
    },
  );
});
