import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";

/** Where a fixture app lies, with a slash at its end. They are siblings, so that all of them find the same `dist`. */
export function fixtureFolder(name: "next-app" | "next-dev-app" | "next15-app"): string {
  return fileURLToPath(new URL(`../../fixtures/${name}/`, import.meta.url));
}

const sources = fixtureFolder("next-app");

/** A copy of the fixture app for `next dev`, which writes into its folder what a build trips over. */
export async function prepareDevApp(): Promise<string> {
  const folder = await emptyFolder("next-dev-app");
  for (const part of ["app", "next.config.ts", "tsconfig.json"]) {
    await cp(join(sources, part), join(folder, part), { recursive: true });
  }
  return folder;
}

/** The fixture app, built by Next.js 15. It comes as JavaScript: Next.js 15 cannot load the workspace's TypeScript 7. */
export async function prepareNext15App(): Promise<string> {
  const folder = await emptyFolder("next15-app");
  const emit = {
    extends: "../next-app/tsconfig.json",
    compilerOptions: {
      noEmit: false,
      declaration: false,
      incremental: false,
      outDir: ".",
      rootDir: "../next-app",
    },
    include: ["../next-app/app/**/*.ts", "../next-app/next.config.ts"],
  };
  await writeFile(join(folder, "emit.json"), JSON.stringify(emit));
  const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  await run(join(typescript, "bin/tsc"), ["-p", "emit.json"], folder);

  const next15 = dirname(createRequire(import.meta.url).resolve("next15/package.json"));
  await mkdir(join(folder, "node_modules"));
  await symlink(await realpath(next15), join(folder, "node_modules/next"), "junction");
  await run(createRequire(folder).resolve("next/dist/bin/next"), ["build"], folder);
  return folder;
}

async function emptyFolder(name: "next-dev-app" | "next15-app"): Promise<string> {
  const folder = fixtureFolder(name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  return folder;
}

async function run(script: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: childEnvironment({ NEXT_TELEMETRY_DISABLED: "1" }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${script} ${args.join(" ")} failed:\n${output}`);
}
