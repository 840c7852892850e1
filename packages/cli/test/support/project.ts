import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { childEnvironment } from "@payapi/dev-services/environment";
import { onTestFinished } from "vitest";
import { type Env, type Run, run } from "./tool.js";

const own = createRequire(import.meta.url);
const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url);

/** Somebody's project in a folder of its own. */
export interface TestProject {
  readonly folder: string;
  write(path: string, content: string): void;
  read(path: string): string;
  has(path: string): boolean;
  /** `payapi init` in it. */
  init(...args: readonly string[]): Promise<Run>;
  /** Links packages of this workspace, as installing them would leave them. */
  install(...names: readonly string[]): void;
  remove(): void;
}

/** Makes a project of these files; `package.json` is given as an object. It goes when the test ends, unless `keep`. */
export function makeProject(
  manifest: object | undefined,
  files: Readonly<Record<string, string>> = {},
  { within = tmpdir(), keep = false }: { readonly within?: string; readonly keep?: boolean } = {},
): TestProject {
  const folder = mkdtempSync(join(within, "payapi-init-"));
  const write = (path: string, content: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  if (manifest !== undefined) write("package.json", JSON.stringify(manifest));
  for (const [path, content] of Object.entries(files)) write(path, content);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (!keep) onTestFinished(remove);
  return {
    folder,
    write,
    read: (path) => readFileSync(join(folder, path), "utf8"),
    has: (path) => existsSync(join(folder, path)),
    init: (...args) => run(["init", ...args, "--dir", folder], {}),
    install(...names) {
      for (const name of names) {
        const place = join(folder, "node_modules", name);
        mkdirSync(dirname(place), { recursive: true });
        symlinkSync(join(packages, name), place, "junction");
      }
    },
    remove,
  };
}

/** Writes what the file asks its reader to write: who is asking, and that buyers may pay for their own orders. Keyed-in cards, too. */
export function fillIn(text: string): string {
  const filled = text
    .replace(/^ {4}\/\/ (context: .*\n)/m, "    $1")
    .replace(/^ {4}\/\/ (authorize: .*\n) {4}\/\/ (.*\n)/m, "    $1    $2")
    .replace(/^ {4}authorize: \(\{ action, order \}\) => \{\n.*?^ {4}\},\n/ms, "")
    .replace(/^ {6}\/\/ ("cards", .*\n)/m, "      $1");
  if (filled.match(/^ {4}(context|authorize): /gm)?.length !== 2)
    throw new Error("The template has changed.");
  return filled;
}

/** Every option and group that the file offers in a comment, in force. */
export function uncommentAll(text: string): string {
  return fillIn(text).replaceAll(/^( +)\/\/ (\w+: .*,|"[\w-]+",.*)$/gm, "$1$2");
}

/** The compiler on a project's folder; what it says, nothing if all is well. */
export async function compile(folder: string): Promise<string> {
  const tsc = join(dirname(own.resolve("typescript/package.json")), "bin/tsc");
  const child = spawn(process.execPath, [tsc, "-p", folder], { cwd: folder });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output.push(String(text)));
  const [status] = await once(child, "close");
  return status === 0 ? output.join("") : `${output.join("")}\nended with ${status}`;
}

/** The variables of the project's `.env.example`, with those of this machine. */
export function environment(project: TestProject, here: Env): Env {
  return { ...parseEnv(project.read(".env.example")), ...here };
}

export interface RunningServer {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  /** Asks it to end, and waits for the exit code. */
  stop(): Promise<number | null>;
}

/** A program of the project's, with nothing in its environment but what is given. It does not outlive the test run. */
export function startProgram(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Env },
): { readonly child: ChildProcess; output(): string } {
  const child = spawn(process.execPath, ["--import", stopWithParent.href, ...args], {
    cwd,
    env: childEnvironment({ NEXT_TELEMETRY_DISABLED: "1", ...env }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

/** Starts a program that says `http://127.0.0.1:<port>` once it listens. */
export async function startServer(
  args: readonly string[],
  surroundings: { readonly cwd: string; readonly env: Env },
): Promise<RunningServer> {
  const { child, output } = startProgram(args, surroundings);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
      if (found !== undefined) resolve(found);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
    void ended.then((code) => reject(new Error(`The server ended with ${code}:\n${output()}`)));
  });
  return {
    child,
    url,
    output,
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
