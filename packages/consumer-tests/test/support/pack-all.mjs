/** Global setup of the deep tier: packs every published package, as they would be published. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pnpm } from "../../../../scripts/lib/pnpm.mjs";
import { workspacePackages } from "../../../../scripts/lib/workspace.mjs";

/** @param {import("vitest/node").TestProject} project */
export default async function setup(project) {
  const place = mkdtempSync(join(tmpdir(), "payapi-tarballs-"));
  const remove = () => rmSync(place, { recursive: true, force: true });
  const tarballs = {};
  for (const { name, folder, isPublic } of workspacePackages()) {
    if (!isPublic) continue;
    const tarball = join(place, `${name.replaceAll(/\W+/g, "-")}.tgz`);
    const { code, output } = await pnpm(["pack", "--out", tarball], { cwd: folder, quiet: true });
    if (code !== 0) {
      remove();
      throw new Error(`${name} could not be packed:\n${output}`);
    }
    tarballs[name] = tarball;
  }
  project.provide("tarballs", tarballs);
  return remove;
}
