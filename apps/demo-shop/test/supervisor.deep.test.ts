import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, expect, test } from "vitest";
import { familyOf, survivorsOf } from "./support/processes.js";
import { addressesOf, type RunningDemo, runDemo } from "./support/run-demo.js";

let demo: RunningDemo | undefined;

afterEach(() => {
  demo?.process.kill("SIGKILL");
  demo = undefined;
});

test("a supervisor that is killed outright takes its servers, its database and its files with it", async () => {
  demo = runDemo();
  const { storefront, sandbox } = await addressesOf(demo);
  expect((await fetch(storefront)).status).toBe(200);
  const [, operatorFile = ""] = await demo.shows(/\(set -a; \. '(.+)'; node/);
  expect(existsSync(operatorFile)).toBe(true);
  const family = familyOf(demo.process.pid);
  demo.process.kill("SIGKILL");
  await demo.ended;
  await expect.poll(() => survivorsOf(family), { timeout: 30_000 }).toEqual([]);
  expect(existsSync(dirname(operatorFile))).toBe(false);
  await expect(fetch(sandbox)).rejects.toThrow();
});
