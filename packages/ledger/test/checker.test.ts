import { expect, it } from "vitest";
import { decide } from "../src/domain/decide.js";
import { scenes } from "./checker/scenes.js";
import type { Decide } from "./checker/state.js";
import { walk } from "./checker/walk.js";

const d = Number(process.env["D"] ?? 4);
const depths = {
  "a card": d,
  "cancels of a card": d,
  "the payment page": d,
  "an account": d,
  "an account beside a card": d,
  escrow: d,
};

it.each(scenes(depths))("$name", (scene) => {
  const t = performance.now();
  const { states, facts, problem } = walk(decide as Decide, scene);
  console.log(scene.name, states, facts, Math.round(performance.now() - t), "ms");
  expect(problem === undefined ? "" : [...problem.steps, problem.text].join("\n")).toBe("");
});
