/** `npm run pack`: packs every public package into `packed/`, as it would be published. Until then, shops install them from there. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { install, pnpm, turbo } from "./lib/pnpm.mjs";
import { step } from "./lib/report.mjs";
import { stopOnSignals } from "./lib/run.mjs";
import { root, workspacePackages } from "./lib/workspace.mjs";

stopOnSignals();

const place = join(root, "packed");
const published = workspacePackages().filter(({ isPublic }) => isPublic);
const filters = published.map(({ name }) => `--filter=${name}`);

async function packAll() {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place);
  for (const { name, folder } of published) {
    const tarball = join(place, `${name.replace("@", "").replace("/", "-")}.tgz`);
    const packed = await pnpm(["pack", "--out", tarball], { cwd: folder, quiet: true });
    if (packed.code !== 0) return packed;
  }
  return { code: 0, output: "" };
}

const done =
  (await step("install packages", install)) &&
  (await step("build the packages", () => turbo(["build", ...filters], { quiet: true }))) &&
  (await step("pack them", packAll));
if (done) console.log(`\nIn your shop's folder: npm install ${join(place, "*.tgz")}`);
process.exitCode = done ? 0 : 1;
