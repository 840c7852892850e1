import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({
  tier: "deep",
  globalSetup: ["test/support/pack-all.mjs"],
  hookTimeout: 240_000,
});
