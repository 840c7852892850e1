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
  const named = (part: string) => (line: { command: string }) => line.command.includes(part);
  const backOffice = family.find(named("back-office"))?.pid ?? 0;
  const left = () => survivorsOf(family).length;
  process.kill(backOffice, "SIGSTOP");
  try {
    demo.process.kill("SIGKILL");
    await demo.ended;
    await expect.poll(left, { timeout: 30_000 }).toBe(2);
    // Whoever still works may need the files.
    expect(survivorsOf(family).filter(named("data-folder-guardian"))).toHaveLength(1);
    expect(existsSync(operatorFile)).toBe(true);
  } finally {
    process.kill(backOffice, "SIGCONT");
  }
  await expect.poll(left, { timeout: 30_000 }).toBe(0);
  expect(existsSync(dirname(operatorFile))).toBe(false);
  await expect(fetch(sandbox)).rejects.toThrow();
});
