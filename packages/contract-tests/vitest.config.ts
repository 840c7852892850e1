import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

export default tierConfig({ postgres: true });
