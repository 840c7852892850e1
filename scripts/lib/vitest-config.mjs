import { availableParallelism } from "node:os";
import { join } from "node:path";
import { root } from "./workspace.mjs";

/** Where a run leaves its figures for scripts/test.mjs. */
export function figuresOf(tier) {
  return join(root, ".test-reports", `${tier}.json`);
}

/**
 * The vitest configuration of one package. It imports nothing of vitest, so that a package without it can read it too.
 *
 * @param {import("./vitest-config.mjs").TierOptions} [options]
 */
export function tierConfig({ tier = "fast", postgres = false, ...overrides } = {}) {
  const deep = tier === "deep";
  return {
    test: {
      include: [deep ? "test/**/*.deep.test.{ts,tsx}" : "test/**/*.test.{ts,tsx}"],
      exclude: [
        "**/node_modules/**",
        "**/dist/**",
        "**/.next/**",
        ...(deep ? [] : ["test/**/*.deep.test.*"]),
      ],
      testTimeout: deep ? 900_000 : 30_000,
      hookTimeout: 120_000,
      // Fast tests wait for a server, a database or a browser some of the time. Deep ones load the machine by themselves.
      maxWorkers: Math.max(2, availableParallelism() + (deep ? 0 : 1)),
      // Test files of a package share a process, and with it what they import. Each cleans up after itself.
      isolate: deep,
      passWithNoTests: false,
      ...(postgres ? { globalSetup: ["@payapi/dev-services/vitest"] } : {}),
      ...overrides,
    },
  };
}
