/**
 * `npm test` and, with the argument `deep`, `npm run test:deep`: installs, builds, and runs every test of the tier.
 *
 * `npm test -- --verbose` prints a line for each test. Anything else is passed to vitest: `npm test -- <file> -t <title>`.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { install, turbo } from "./lib/pnpm.mjs";
import { close, step } from "./lib/report.mjs";
import { run, stopOnSignals } from "./lib/run.mjs";
import { figuresOf } from "./lib/vitest-config.mjs";
import { root, workspacePackages } from "./lib/workspace.mjs";

const given = process.argv.slice(2);
const deep = given[0] === "deep";
const tier = deep ? "deep" : "fast";
const verbose = given.includes("--verbose");
const chosen = given.slice(deep ? 1 : 0).filter((argument) => argument !== "--verbose");
const config = deep ? "vitest.deep.config" : "vitest.config";

stopOnSignals();
// Old figures must not stand in for a run that broke off.
rmSync(figuresOf(tier), { force: true });

if (await step("install packages", install)) {
  // What does not depend on a broken package is built and tested all the same.
  const built = await step("build", () =>
    turbo(["build", "--continue=dependencies-successful"], { quiet: true }),
  );
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const { code } = await run(process.execPath, [vitest, "run", "--config", `${config}.mjs`, ...chosen], {
    cwd: root,
    env: { PAYAPI_TEST_VERBOSE: verbose ? "1" : "" },
  });
  const { passed, failed, failures } = figures();
  const other = failed === 0 && !(built && code === 0);
  if (other) failures.push("every test passed, but the build or the test run ended with an error: see above");
  close(passed, other ? 1 : failed, failures);
} else {
  close(0, 1, ["the packages could not be installed"]);
}

/** Reads the figures that the run reports, and finds skipped tests. */
function figures() {
  if (!existsSync(figuresOf(tier))) {
    return { passed: 0, failed: 1, failures: ["the test run broke off: see above"] };
  }
  const { passed, failed, skipped, packages, failures } = JSON.parse(readFileSync(figuresOf(tier), "utf8"));
  if (chosen.length > 0) return { passed, failed, failures };
  const ran = new Set(packages.filter(({ tests }) => tests > 0).map(({ name }) => name));
  const missing = workspacePackages()
    .filter(({ name, folder }) => existsSync(join(folder, `${config}.ts`)) && !ran.has(name))
    .map(({ name }) => `${name}: no test ran`);
  if (skipped > 0) missing.push(`${skipped} tests were skipped, and none may be`);
  return { passed, failed: failed + missing.length, failures: [...failures, ...missing] };
}
