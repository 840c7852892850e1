import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

// Each browser test has a Chromium, a Next.js server and a back office of its own.
export default tierConfig({ postgres: true, testTimeout: 60_000 });
