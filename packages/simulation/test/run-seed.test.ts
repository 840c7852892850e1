import { describe, expect, it } from "vitest";
// Built code runs several times faster than what vitest makes of the source.
import { runSeed } from "../dist/run-seed.js";

describe("a seed", () => {
  it("gives the same trace whenever it is run", async () => {
    const [first, second, other] = [await runSeed(7), await runSeed(7), await runSeed(8)];
    expect(first.trace).toEqual(second.trace);
    expect(first.hash).toBe(second.hash);
    expect(other.hash).not.toBe(first.hash);
    expect(first.operations).toBeGreaterThanOrEqual(30);
  });

  it("gives the same trace on a machine that stands still meanwhile", { timeout: 60_000 }, async () => {
    // Longer than any time limit of an answer; seed 107 has buyers who repeat requests with an Idempotency-Key.
    const standStill = () => {
      const until = performance.now() + 1_500;
      while (performance.now() < until);
    };
    const quick = await runSeed(107);
    const timer = setTimeout(standStill, 20);
    const slow = await runSeed(107).finally(() => clearTimeout(timer));
    expect(slow.trace).toEqual(quick.trace);
  });

  it("breaks no rule about the money", { timeout: 300_000 }, async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const { violation } = await runSeed(seed);
      expect(violation, `npm run simulate -- --seeds 1 --from ${seed}`).toBeUndefined();
    }
  });
});
