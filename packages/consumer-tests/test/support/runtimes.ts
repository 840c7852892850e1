import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { here } from "./published.js";

/** A JavaScript runtime that merchants may start a server with. */
export type RuntimeName = "node" | "bun-1.3" | "bun" | "deno";

const findInstalled = createRequire(import.meta.url);
const binaries = { "bun-1.3": "bin/bun", bun: "bin/bun", deno: "deno" } as const;

/** Runs a script of this package to its end in a runtime; returns what it printed. */
export async function runIn(
  runtime: RuntimeName,
  script: string,
  argument: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const [command, ...flags] = commandOf(runtime);
  const { stdout } = await promisify(execFile)(command, [...flags, script, argument], {
    cwd: here,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env },
    timeout: 100_000,
  });
  return stdout;
}

function commandOf(runtime: RuntimeName): [string, ...string[]] {
  switch (runtime) {
    case "node":
      return [process.execPath];
    case "bun":
    case "bun-1.3":
      return [installed(runtime), "run", "--no-install"];
    case "deno":
      return [installed(runtime), "run", "--quiet", "--allow-all", "--no-lock", "--cached-only"];
  }
}

/** @throws when the runtime is not installed for this platform */
function installed(runtime: keyof typeof binaries): string {
  const name = `${runtime}-${process.platform}-${process.arch}`;
  try {
    return findInstalled.resolve(`${name}/${binaries[runtime]}`);
  } catch (cause) {
    throw new Error(
      `${name} is not installed: pnpm skips optional dependencies that it cannot download, and packages/consumer-tests ` +
        "lists this runtime for Linux (glibc) and macOS on x64 and arm64",
      { cause },
    );
  }
}
