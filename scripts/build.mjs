/** `npm run build`: installs and builds everything. */
import { install, turbo } from "./lib/pnpm.mjs";
import { step } from "./lib/report.mjs";
import { stopOnSignals } from "./lib/run.mjs";

stopOnSignals();

const built =
  (await step("install packages", install)) && (await step("build", () => turbo(["build"], { quiet: true })));
process.exitCode = built ? 0 : 1;
