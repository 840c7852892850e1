import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";
import { commands } from "../../src/commands.js";
import { type Env, expectNoSecrets } from "./tool.js";

const bin = fileURLToPath(new URL("../../bin/payapi.mjs", import.meta.url));

/** One command of a document, and what the document shows that it prints. */
export interface ShownCommand {
  readonly line: string;
  /** Missing where the document shows nothing. */
  readonly output?: string;
}

/** Every command in the document's sh blocks, in order. A text block shows what the last command of the sh block before it prints. */
export function commandsIn(path: string): readonly ShownCommand[] {
  const shown: ShownCommand[] = [];
  let isRightAfter = false;
  for (const [, kind, block = ""] of textOf(path).matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    const last = shown.at(-1);
    if (kind === "text" && isRightAfter && last !== undefined)
      shown.splice(-1, 1, { ...last, output: block });
    isRightAfter = kind === "sh" && /^(npx @payapi\/cli|payapi) /m.test(block);
    if (!isRightAfter) continue;
    for (const line of block.split("\n").filter((each) => each.trim() !== ""))
      shown.push({ line: line.replace(/\s+#.*$/, "") });
  }
  return shown;
}

/** Commands that are only named in the text, such as `payapi migrate`. */
export function namedIn(path: string): readonly string[] {
  return [...textOf(path).matchAll(/`payapi ([a-z-]+)[^`\n]*`/g)].map(([, name = ""]) => name);
}

export const commandNames = commands.map(({ name }) => name);

function textOf(path: string): string {
  return readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
}

/** Runs a line as somebody's shell does, with the real program on its path. */
export async function inShell(line: string, folder: string, env: Env) {
  const programs = join(folder, ".programs");
  mkdirSync(programs, { recursive: true });
  const program = (name: string, text: string) => {
    writeFileSync(join(programs, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(programs, name), 0o755);
  };
  program("payapi", `exec "${process.execPath}" "${bin}" "$@"`);
  program("npx", 'shift\nexec payapi "$@"');
  const child = spawn("/bin/sh", ["-c", line], {
    cwd: folder,
    env: { ...childEnvironment(env), PATH: `${programs}:/usr/bin:/bin` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [code] = await once(child, "close");
  expectNoSecrets(output.stdout + output.stderr);
  return { code: code as number | null, ...output };
}

/** What is printed, with every time and every name that is new in each run as the document has them. */
export function asShown(text: string, names: Readonly<Record<string, string>> = {}): string {
  const named = Object.entries(names).reduce((all, [actual, shown]) => all.replaceAll(actual, shown), text);
  return named
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "2026-05-01 09:00:00")
    .replaceAll(/(--before) \d+/g, "$1 7")
    .split("\n")
    .map((line) => line.replaceAll(/ {2,}/g, "  ").trimEnd())
    .join("\n");
}
