import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { listen } from "./support/listen.js";
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
    // Running processes may need the files.
    expect(survivorsOf(family).filter(named("data-folder-guardian"))).toHaveLength(1);
    expect(existsSync(operatorFile)).toBe(true);
  } finally {
    process.kill(backOffice, "SIGCONT");
  }
  await expect.poll(left, { timeout: 30_000 }).toBe(0);
  expect(existsSync(dirname(operatorFile))).toBe(false);
  await expect(fetch(sandbox)).rejects.toThrow();
});

describe("the demo's main program", () => {
  test("stops cleanly when it is stopped before it has started", async () => {
    demo = runDemo();
    await demo.shows(/\[storefront\]/);
    const family = familyOf(demo.process.pid);
    demo.process.kill("SIGINT");
    expect(await demo.ended).toEqual([0, null]);
    expect(survivorsOf(family)).toEqual([]);
  });

  test("takes the next free port and says so", async () => {
    // The port is busy, whether this demo or another program uses it.
    const held = await listen(4000).catch(() => undefined);
    demo = runDemo();
    const { storefront } = await addressesOf(demo);
    expect(demo.output()).toMatch(/Port 4000 is busy: the storefront uses \d+\./);
    expect(new URL(storefront).port).not.toBe("4000");
    expect((await fetch(storefront)).status).toBe(200);
    held?.close();
    demo.process.kill("SIGTERM");
    expect(await demo.ended).toEqual([0, null]);
  });

  test("ends with the log of a server that died", async () => {
    demo = runDemo();
    await addressesOf(demo);
    const family = familyOf(demo.process.pid);
    const backOffice = family.find(({ command }) => command.includes("back-office"));
    process.kill(backOffice?.pid ?? 0, "SIGKILL");
    expect(await demo.ended).toEqual([1, null]);
    expect(demo.output()).toMatch(/back-office ended unexpectedly \(SIGKILL\)/);
    expect(survivorsOf(family)).toEqual([]);
  });
});
