/** `npm run check`: all checks but the tests. `npm run lint` runs only the first of them. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { install, pnpm, turbo } from "./lib/pnpm.mjs";
import { close, step } from "./lib/report.mjs";
import { run, stopOnSignals } from "./lib/run.mjs";
import { root, workspacePackages } from "./lib/workspace.mjs";

stopOnSignals();
const results = /** @type {boolean[]} */ ([]);

async function check(title, work) {
  results.push(await step(title, work, { good: "passed", bad: "failed" }));
  return results.at(-1);
}

/** A tool from the project's own node_modules. */
function tool(name, args) {
  return run(join(root, "node_modules", ".bin", name), args, { cwd: root, quiet: true });
}

async function checkTarball({ name, folder }) {
  const place = mkdtempSync(join(tmpdir(), "payapi-pack-"));
  try {
    const pack = () => pnpm(["pack", "--pack-destination", place], { cwd: folder, quiet: true });
    if (!(await check(`${name}: pack`, pack))) return;
    const tarball = join(place, readdirSync(place)[0]);
    await check(`${name}: publint`, () => tool("publint", ["run", tarball, "--strict"]));
    await check(`${name}: types as consumers see them`, () =>
      tool("attw", [tarball, "--profile", "esm-only"]),
    );
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

if (await step("install packages", install)) {
  await check("lint", () => tool("biome", ["ci", "--colors=off", "--error-on-warnings", "."]));
  if (process.argv[2] !== "lint") {
    await check("build", () => turbo(["build", "--continue=dependencies-successful"], { quiet: true }));
    await check("types", () => turbo(["typecheck", "--continue=dependencies-successful"], { quiet: true }));
    for (const name of [
      "write-operations-table",
      "write-http-api",
      "write-ledger-schema",
      "write-public-api",
      "write-ledger-states",
      "write-log-lines",
    ]) {
      await check(`generated files are current: ${name}`, () =>
        run(process.execPath, [`scripts/${name}.mjs`, "--check"], { cwd: root, quiet: true }),
      );
    }
    for (const each of workspacePackages()) if (each.isPublic) await checkTarball(each);
  }
  close(results.filter(Boolean).length, results.filter((good) => !good).length);
} else {
  close(0, 1, ["the packages could not be installed"]);
}
