import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import type { Text } from "../text.js";
import type { Dialect } from "./dialects.js";

export const frameworks = ["express", "next"] as const;
export type Framework = (typeof frameworks)[number];

export type PackageManager = "npm" | "pnpm" | "yarn" | "bun";

/** The properties of a project that `init` needs. */
export interface Project {
  readonly folder: string;
  readonly dialect: Dialect;
  /** Whether its files are ES modules according to package.json; TypeScript may still be compiled to the other kind. */
  readonly esModules: boolean;
  /** Where source files go: `src/`, or nothing. */
  readonly sources: "" | "src/";
  readonly packageManager: PackageManager;
  /** All dependencies in package.json, by name. */
  readonly dependencies: ReadonlyMap<string, string>;
}

/** Reads a project. @throws Failure if the folder is not a project */
export function readProject(folder: string, framework: Framework): Project {
  const manifest = readManifest(folder);
  const dependencies = new Map(
    [manifest.dependencies, manifest.devDependencies, manifest.peerDependencies].flatMap((each) =>
      Object.entries(each ?? {}),
    ),
  );
  return {
    folder,
    dialect: dialectOf(folder, framework, manifest, dependencies),
    esModules: manifest.type === "module",
    sources: sourcesOf(folder, framework),
    packageManager: packageManagerOf(folder),
    dependencies,
  };
}

interface Manifest {
  readonly type?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest {
  const path = join(folder, "package.json");
  const noProject = (text: Text) => new Failure(exitCodes.configuration, "no-project", text);
  if (!existsSync(path)) {
    throw noProject({
      en: "There is no package.json here. Run this in your project's folder or name it with --dir; `npm init` makes a new project.",
      ko: "package.json이 없습니다. 프로젝트 폴더에서 실행하거나 --dir로 지정하세요. 새 프로젝트는 `npm init`으로 만듭니다.",
    });
  }
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
    if (typeof manifest === "object" && manifest !== null) return manifest;
  } catch {
    // All reasons are handled alike.
  }
  throw noProject({
    en: "package.json cannot be read; nothing was written.",
    ko: "package.json을 읽을 수 없습니다. 아무것도 쓰지 않았습니다.",
  });
}

function dialectOf(
  folder: string,
  framework: Framework,
  { type }: Manifest,
  dependencies: ReadonlyMap<string, string>,
): Dialect {
  if (dependencies.has("typescript") || existsSync(join(folder, "tsconfig.json"))) return "typescript";
  // Next compiles its files regardless of package.json.
  return type === "module" || framework === "next" ? "esm" : "commonjs";
}

// Next looks for `app` beside `pages`, and prefers the root to `src`.
function sourcesOf(folder: string, framework: Framework): "" | "src/" {
  const has = (name: string) =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  if (framework === "next" && (has("app") || has("pages"))) return "";
  return has("src") ? "src/" : "";
}

function packageManagerOf(folder: string): PackageManager {
  const lockFiles: Readonly<Record<string, PackageManager>> = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
  };
  const found = Object.keys(lockFiles).find((name) => existsSync(join(folder, name)));
  return (found && lockFiles[found]) || "npm";
}
