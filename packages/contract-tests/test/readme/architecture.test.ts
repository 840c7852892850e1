import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

describe("docs/architecture.md", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const named = [...text.matchAll(/`([\w./-]+(?:\.(?:ts|sql|json|md)|\/))`/g)].map(([, name = ""]) => name);

  it("names only files and folders that exist", () => {
    const existing = ["packages", "apps", "docs"].flatMap((folder) => paths(folder));
    expect(named.length).toBeGreaterThan(50);
    const missing = named.filter((name) => !existing.some((path) => `/${path}`.endsWith(`/${name}`)));
    expect(missing).toEqual([]);
  });
});

/** The files, and the folders with a slash at the end, below a folder of the repository. */
function paths(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return ["node_modules", "dist"].includes(entry.name) ? [] : [`${path}/`, ...paths(path)];
  });
}
