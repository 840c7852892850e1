import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

// Building the Next.js 15 app is part of its test's start.
export default tierConfig({ tier: "deep", postgres: true, hookTimeout: 300_000 });
