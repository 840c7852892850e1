import { expect, it } from "vitest";
// Built code runs several times faster than what vitest makes of the source.
import { runSeed } from "../dist/run-seed.js";

it("violates no rule about money in 300 lives", { timeout: 1_800_000 }, async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const { violation } = await runSeed(seed);
    expect(violation, `npm run simulate -- --seeds 1 --from ${seed}`).toBeUndefined();
  }
});
