import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the whole project. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Every package of the workspace. @returns {{ name: string, folder: string, isPublic: boolean, scripts: Record<string, string> }[]} */
export function workspacePackages() {
  return ["packages", "apps"].flatMap((place) =>
    readdirSync(join(root, place))
      .map((name) => join(root, place, name))
      .filter((folder) => existsSync(join(folder, "package.json")))
      .map((folder) => {
        const manifest = readJson(join(folder, "package.json"));
        return {
          name: manifest.name,
          folder,
          isPublic: manifest.private !== true,
          scripts: manifest.scripts ?? {},
        };
      }),
  );
}

export function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
