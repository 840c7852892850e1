/** `npm run simulate -- --seeds N --from S [--sabotage name] [--database URL] [--trace]`: simulates shops under faults. */
import { join } from "node:path";
import { install, turbo } from "./lib/pnpm.mjs";
import { step } from "./lib/report.mjs";
import { run, stopOnSignals } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

stopOnSignals();

const ready =
  (await step("install packages", install)) &&
  (await step("build the simulation", () =>
    turbo(["build", "--filter=@payapi/simulation..."], { quiet: true }),
  ));

if (ready) {
  const main = join(root, "packages", "simulation", "dist", "main.js");
  const { code } = await run(process.execPath, [main, ...process.argv.slice(2)], { cwd: root });
  process.exitCode = code;
} else {
  process.exitCode = 1;
}
