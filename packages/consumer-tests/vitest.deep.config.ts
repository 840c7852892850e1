import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({
  tier: "deep",
  globalSetup: ["test/support/pack-all.mjs", "@payapi/dev-services/vitest"],
  hookTimeout: 240_000,
});
