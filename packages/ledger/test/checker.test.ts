import { describe, expect, it } from "vitest";
import { decide } from "../src/domain/decide.js";
import { sabotages } from "./checker/sabotages.js";
import { sceneOf, scenes } from "./checker/scenes.js";
import type { Decide } from "./checker/state.js";
import { type Problem, walk } from "./checker/walk.js";

const depths = {
  "a card": 5,
  "cancels of a card": 5,
  "the payment page": 4,
  "an account": Number(process.env["D"] ?? 2),
  "an account beside a card": 2,
  "a reversal beside a cancel": 3,
  escrow: Number(process.env["E"] ?? 4),
};

describe("the checker", () => {
  it("finds no sequence of facts that breaks an invariant", () => {
    const walked = scenes(depths).map((scene) => walk(decide as Decide, scene));
    expect(
      walked.map(({ problem }) => problem && textOf(problem)).filter((text) => text !== undefined),
    ).toEqual([]);
    const [states, facts] = (["states", "facts"] as const).map((what) =>
      walked.reduce((all, each) => all + each[what], 0),
    );
    console.info(`${states} states and ${facts} facts walked`);
    expect(states).toBeGreaterThan(2_000);
  });

  it.each(sabotages)("finds a decision that $name", ({ scene, decide: sabotaged, finds }) => {
    const { problem } = walk(sabotaged, sceneOf(scene, 9));
    console.info(problem && textOf(problem));
    expect(problem?.text).toMatch(finds);
  });
});

function textOf({ steps, text }: Problem): string {
  return [...steps, `=> ${text}`].join("\n  ");
}
