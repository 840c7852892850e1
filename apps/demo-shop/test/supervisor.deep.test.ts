import { afterEach, expect, test } from "vitest";
import { familyOf, survivorsOf } from "./support/processes.js";
import { addressesOf, type RunningDemo, runDemo } from "./support/run-demo.js";

let demo: RunningDemo | undefined;

afterEach(() => {
  demo?.process.kill("SIGKILL");
  demo = undefined;
});

test("a supervisor that is killed outright takes its servers and its database with it", async () => {
  demo = runDemo();
  const { storefront, sandbox } = await addressesOf(demo);
  expect((await fetch(storefront)).status).toBe(200);
  const family = familyOf(demo.process.pid);
  demo.process.kill("SIGKILL");
  await demo.ended;
  await expect.poll(() => survivorsOf(family), { timeout: 30_000 }).toEqual([]);
  await expect(fetch(sandbox)).rejects.toThrow();
});
