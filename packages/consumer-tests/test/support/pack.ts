import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { pnpm } from "../../../../scripts/lib/pnpm.mjs";
import { workspacePackages } from "../../../../scripts/lib/workspace.mjs";

declare module "vitest" {
  interface ProvidedContext {
    /** Where each public package's tarball lies, by its name. */
    tarballs: Record<string, string>;
  }
}

/** Packs every public package once, as a release would. */
export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const place = await mkdtemp(join(tmpdir(), "payapi-tarballs-"));
  const tarballs: Record<string, string> = {};
  for (const { name, folder, isPublic } of workspacePackages()) {
    if (!isPublic) continue;
    const before = new Set(await readdir(place));
    const packed = await pnpm(["pack", "--pack-destination", place], { cwd: folder, quiet: true });
    const [tarball] = (await readdir(place)).filter((file) => !before.has(file));
    if (packed.code !== 0 || tarball === undefined) throw new Error(`${name}: ${packed.output}`);
    tarballs[name] = join(place, tarball);
  }
  project.provide("tarballs", tarballs);
  return () => rm(place, { recursive: true, force: true });
}
