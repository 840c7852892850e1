/** `npm test` and, with the argument `deep`, `npm run test:deep`: installs, builds, and runs every test of the tier. */
import { availableParallelism } from "node:os";
import { install, turbo } from "./lib/pnpm.mjs";
import { close, step } from "./lib/report.mjs";
import { stopOnSignals } from "./lib/run.mjs";
import { addUpReports, removeReports } from "./lib/test-reports.mjs";

const tier = process.argv[2] === "deep" ? "deep" : "fast";
stopOnSignals();
removeReports(tier);

if (await step("install packages", install)) {
  // What does not depend on a broken package is built and tested all the same.
  const built = await step("build", () =>
    turbo(["build", "--continue=dependencies-successful"], { quiet: true }),
  );
  // Deep tests kill processes and race each other on purpose: one package at a time keeps their clocks honest.
  const concurrency = tier === "deep" ? 1 : Math.min(4, Math.max(2, availableParallelism()));
  const task = tier === "deep" ? "test:deep" : "test";
  const { code } = await turbo([task, `--concurrency=${concurrency}`, "--continue=dependencies-successful"]);
  const { passed, failed, remarks } = addUpReports(tier);
  if (failed === 0 && !(built && code === 0)) {
    remarks.push("every test passed, but a build or test run ended with an error: see above");
    close(passed, 1, remarks);
  } else {
    close(passed, failed, remarks);
  }
} else {
  close(0, 1, ["the packages could not be installed"]);
}
