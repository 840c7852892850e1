import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/decide.js";
import { sabotages } from "./sabotages.js";
import { sceneOf, scenes } from "./scenes.js";
import type { Decide } from "./state.js";
import { textOf, totalOf, walk } from "./walk.js";

// The deep tier walks further.
const depths = {
  "a card": 4,
  "cancels of a card": 4,
  "the payment page": 3,
  "an account": 2,
  "an account beside a card": 2,
  "a reversal beside a cancel": 2,
  escrow: 4,
  "corrected resolutions": 4,
  "found payments": 4,
};

describe("the checker", () => {
  it("finds no short sequence of facts that breaks an invariant", () => {
    const walked = scenes(depths).map((scene) => walk(decide as Decide, scene));
    expect(walked.flatMap(({ problem }) => (problem === undefined ? [] : [textOf(problem)]))).toEqual([]);
    const { states, facts } = totalOf(walked);
    // Fewer would mean that the walk misses states.
    expect(states).toBeGreaterThan(800);
    expect(facts).toBeGreaterThan(2_500);
  });

  it.each(sabotages.filter(({ isDeep }) => !isDeep))("finds a decision that $name", (sabotage) => {
    const { problem } = walk(sabotage.decide, sceneOf(sabotage.scene, 6));
    expect(problem?.text).toMatch(sabotage.finds);
  });
});
