import { describe, expect, it } from "vitest";
import { runSeed } from "../src/run-seed.js";
import { sabotages } from "../src/sabotage.js";

const mistakes = Object.entries(sabotages);

describe("the simulation finds that", () => {
  it("more than forty mistakes can be made", () => {
    expect(mistakes.length).toBeGreaterThan(40);
  });

  it.each(mistakes.map(([name, sabotage]) => ({ name, sabotage, ...sabotage })))(
    "$what ($name, within $foundWithin seeds)",
    { timeout: 180_000 },
    async ({ sabotage }) => {
      for (let seed = 1; seed <= sabotage.foundWithin; seed++) {
        const { violation } = await runSeed(seed, sabotage);
        if (violation === undefined) continue;
        // A sabotaged shop that only breaks down would prove nothing.
        expect(violation.name).toBe("Violation");
        return;
      }
      expect.unreachable("nothing was found");
    },
  );
});
