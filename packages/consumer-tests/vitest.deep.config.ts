import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({
  tier: "deep",
  globalSetup: ["./test/support/pack.ts"],
  // Each of them installs and builds a project; two at once only wait for each other.
  fileParallelism: false,
  hookTimeout: 300_000,
});
