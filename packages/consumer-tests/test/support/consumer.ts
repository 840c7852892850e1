import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

/** A project outside the workspace, with the packed packages installed. */
export interface Consumer {
  readonly folder: string;
  /** Runs a program of the project's to its end, with nothing in its environment but what is given. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Starts a program of the project's, and waits until what it prints matches. */
  start(args: readonly string[], ready: RegExp, env?: Readonly<Record<string, string>>): Promise<Running>;
  /** Ends what still runs, and removes the project. */
  remove(): Promise<void>;
}

export interface Finished {
  readonly code: number | null;
  readonly output: string;
}

export interface Running {
  /** What matched. */
  readonly found: RegExpExecArray;
  output(): string;
}

const fixtures = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url).href;
const cleanEnv = () => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  NEXT_TELEMETRY_DISABLED: "1",
});

/** Copies a fixture, makes its packages of ours mean the tarballs, and installs it with npm as any project is. */
export async function installConsumer(
  fixture: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), `payapi-${fixture}-`));
  await cp(join(fixtures, fixture), folder, { recursive: true });
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  // What our packages want of each other must come from the tarballs as well.
  const overrides = Object.fromEntries(
    Object.entries(inject("tarballs")).map(([name, path]) => [name, `file:${path}`]),
  );
  const dependencies = Object.fromEntries(
    Object.entries({ ...manifest.dependencies, ...changes }).map(([name, version]) => [
      name,
      overrides[name] ?? version,
    ]),
  );
  await writeFile(join(folder, "package.json"), JSON.stringify({ ...manifest, dependencies, overrides }));
  const running = new Set<ReturnType<typeof spawn>>();

  const begin = (command: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        child.emit("printed");
      });
    }
    running.add(child);
    child.once("close", () => running.delete(child));
    return { child, output: () => output };
  };
  const finish = async (command: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
    const { child, output } = begin(command, args, env);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output: output() };
  };

  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const installed = await finish("npm", ["install", ...flags], process.env);
  if (installed.code !== 0) throw new Error(`npm install of ${fixture} failed:\n${installed.output}`);

  return {
    folder,
    run: (args, env) => finish(process.execPath, args, { ...cleanEnv(), ...env }),
    start: async (args, ready, env) => {
      const { child, output } = begin(process.execPath, ["--import", stopWithParent, ...args], {
        ...cleanEnv(),
        ...env,
      });
      const found = await new Promise<RegExpExecArray>((resolve, reject) => {
        child.on("printed", () => {
          const match = ready.exec(output());
          if (match) resolve(match);
        });
        child.once("close", () => reject(new Error(`${args.join(" ")} ended:\n${output()}`)));
      });
      return { found, output };
    },
    remove: async () => {
      const ended = [...running].map((child) => once(child, "close"));
      for (const child of running) child.kill("SIGTERM");
      await Promise.all(ended);
      if (process.env.KEEP_CONSUMERS === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** A port that is free now, for servers that must know their own address before they listen. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("a server without a port");
  return address.port;
}
