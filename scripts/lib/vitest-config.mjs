/**
 * The vitest configuration that every package shares. It imports nothing, since vitest itself is only installed in the
 * packages.
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
      // scripts/test.mjs adds up the figures of these reports.
      reporters: ["default", ["json", { outputFile: `.test-reports/${tier}.json` }]],
      testTimeout: deep ? 300_000 : 30_000,
      hookTimeout: 120_000,
      passWithNoTests: false,
      ...(postgres ? { globalSetup: ["@payapi/dev-services/vitest"] } : {}),
      ...overrides,
    },
  };
}
