import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({
  tier: "deep",
  globalSetup: ["test/support/pack-all.mjs"],
  hookTimeout: 240_000,
  // npm and the servers mostly wait, so two files run side by side, after those that want the machine for themselves.
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
});
