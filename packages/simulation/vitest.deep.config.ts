import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({ tier: "deep", postgres: true });
