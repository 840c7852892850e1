import { tierConfig } from "../../scripts/lib/vitest-config.mjs";

// A mount's tests wait for stalled calls and for other processes half of the time.
export default tierConfig({ postgres: true, maxWorkers: 2 });
