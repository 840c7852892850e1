import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A package that merchants install. */
export interface PublishedPackage {
  readonly name: string;
  readonly folder: string;
  /** What can be imported of it, such as `@payapi/core/handler`, with its conditions in their order. */
  readonly entries: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Where TypeScript finds the types of each entry if it does not read `exports` (`moduleResolution: node10`). */
  readonly olderTypes: ReadonlyMap<string, string | undefined>;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly types?: string;
  readonly typesVersions?: { readonly "*": Readonly<Record<string, readonly [string]>> };
}

const packages = fileURLToPath(new URL("../../../", import.meta.url));

/** All of them, as they lie in the workspace. */
export const publishedPackages: readonly PublishedPackage[] = readdirSync(packages).flatMap((name) => {
  const folder = join(packages, name);
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (manifest.private) return [];
  const entries = Object.entries(manifest.exports ?? {}).flatMap(([path, targets]) =>
    typeof targets === "string" ? [] : [[manifest.name + path.slice(1), targets] as const],
  );
  const older = Object.entries(manifest.typesVersions?.["*"] ?? {});
  const olderTypes = new Map([
    [manifest.name, manifest.types],
    ...older.map(([path, [types]]) => [`${manifest.name}/${path}`, types] as const),
  ]);
  return [{ name: manifest.name, folder, entries: new Map(entries), olderTypes }];
});

/** The JavaScript modules that a package publishes. */
export function modulesOf({ folder }: PublishedPackage): string[] {
  return readdirSync(join(folder, "dist"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** The folder of the package that holds these tests; everything published can be imported from it. */
export const here: string = dirname(fileURLToPath(new URL("../", import.meta.url)));
