import { expect, it } from "vitest";
import { runSeed } from "../src/run-seed.js";

it("breaks no rule about the money in 3,000 lives", { timeout: 1_800_000 }, async () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const { violation } = await runSeed(seed);
    expect(violation, `npm run simulate -- --seeds 1 --from ${seed}`).toBeUndefined();
  }
});
