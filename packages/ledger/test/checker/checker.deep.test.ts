import { describe, expect, it } from "vitest";
import { decide } from "../../src/domain/decide.js";
import { sabotages } from "./sabotages.js";
import { sceneOf, scenes } from "./scenes.js";
import type { Decide } from "./state.js";
import { textOf, totalOf, walk } from "./walk.js";

/** The number of facts in a row; the widest scenes are walked less deep. */
const depths = {
  "a card": 9,
  "cancels of a card": 8,
  "the payment page": 8,
  "an account": 5,
  "an account beside a card": 5,
  "a reversal beside a cancel": 7,
  escrow: 7,
  "corrected resolutions": 7,
  "found payments": 7,
};

describe("the checker", () => {
  it("finds no sequence of facts that breaks an invariant", () => {
    const walked = scenes(depths).map((scene) => {
      const begun = performance.now();
      const found = walk(decide as Decide, scene);
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
      console.info(
        `${scene.name}, ${scene.depth} deep: ${found.states} states, ${found.facts} facts, ${seconds} s`,
      );
      return found;
    });
    const { states, facts, kinds } = totalOf(walked);
    console.info(`${states} states and ${facts} facts walked`);
    console.info([...kinds].map(([kind, count]) => `${kind}: ${count}`).join(", "));
    expect(walked.flatMap(({ problem }) => (problem === undefined ? [] : [textOf(problem)]))).toEqual([]);
    expect(states).toBeGreaterThan(250_000);
    expect(facts).toBeGreaterThan(1_250_000);
    // Every kind of fact but the closing of links, which moves no money.
    expect([...kinds.keys()].sort()).toEqual([
      "account-issued",
      "claim-repeat",
      "found-payment",
      "mark-repeat",
      "mark-sending",
      "notification",
      "open-link",
      "outcome",
      "repeat-outcome",
      "reserve-approval",
      "reserve-cancel",
      "resolution",
      "review",
      "settle-link",
      "silence",
    ]);
  });

  it.each(sabotages)(
    "finds a decision that $name, by the shortest sequence",
    ({ decide: sabotaged, scene, finds }) => {
      const { problem } = walk(sabotaged, sceneOf(scene, 9));
      console.info(problem && textOf(problem));
      expect(problem?.text).toMatch(finds);
    },
  );
});
