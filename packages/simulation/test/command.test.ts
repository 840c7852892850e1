import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const run = (...options: string[]) => spawnSync(process.execPath, [main, ...options], { encoding: "utf8" });

describe("the command", () => {
  it("prints the number of lives without violations", () => {
    const { status, stdout } = run("--seeds", "2", "--from", "40");
    expect(stdout).toMatch(/^2 seeds, \d+ operations, 0 violations in /);
    expect(status).toBe(0);
  });

  it("prints the seed, its steps and the one command that repeats them", () => {
    const first = run("--seeds", "50", "--sabotage", "never-mark-sending");
    expect(first.status).toBe(1);
    expect(first.stdout).toContain(" approval new to reserved");
    const [, seed = ""] = /^seed (\d+) \(trace [0-9a-f]{16}\): I\d/m.exec(first.stdout) ?? [];
    expect(first.stdout).toContain(
      `npm run simulate -- --seeds 1 --from ${seed} --sabotage never-mark-sending`,
    );
    const again = run("--seeds", "1", "--from", seed, "--sabotage", "never-mark-sending");
    expect(again.stdout).toBe(first.stdout);
  });

  it("prints the smallest seed that finds a sabotage", () => {
    const found = run("--find-sabotages", "--seeds", "5", "--sabotage", "never-mark-sending");
    expect(found.status).toBe(0);
    expect(found.stdout).toMatch(/^never-mark-sending: \d+\n$/);
  });

  it.each([
    ["--seeds", "none"],
    ["--sabotage", "unheard-of"],
    ["--from", "-1"],
  ])("refuses %s %s", (name, value) => {
    const { status, stderr } = run(`${name}=${value}`);
    expect(status).toBe(2);
    expect(stderr).toContain("simulate --seeds N --from S");
  });
});
