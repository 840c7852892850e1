import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { childEnvironment } from "@payapi/dev-services/environment";
import { onTestFinished } from "vitest";

/** Where a program runs, and for how long at most. */
export interface Place {
  readonly cwd: string;
  /** Added to PATH and HOME, which is all that it gets otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
}

/** A server in a process of its own; the end of the test stops it. */
export interface RunningServer {
  readonly url: string;
  /** What it printed, on either stream. */
  output(): string;
}

const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url).href;

/** A script of Node's that ends when these tests are killed outright. */
export function nodeScript(path: string, ...args: readonly string[]): [string, string[]] {
  return [process.execPath, ["--import", stopWithParent, path, ...args]];
}

/** Runs a program to its end, successful or not. */
export async function runToEnd(
  [command, args]: readonly [string, readonly string[]],
  place: Place,
): Promise<{ code: number | null; output: string }> {
  const { child, output } = start(command, args, place);
  const timer = setTimeout(() => endGroup(child, "SIGKILL"), place.timeoutMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  endGroup(child, "SIGKILL");
  return { code, output: output() };
}

/** Starts a server, and waits until it has printed its address and that it is ready, if it says so. */
export async function startServer(
  [command, args]: readonly [string, readonly string[]],
  place: Place,
  ready = /^/,
): Promise<RunningServer> {
  const { child, output } = start(command, args, place);
  const closed = once(child, "close");
  onTestFinished(async () => {
    endGroup(child, "SIGTERM");
    const timer = setTimeout(() => endGroup(child, "SIGKILL"), 10_000);
    await closed;
    clearTimeout(timer);
    endGroup(child, "SIGKILL");
  });
  const fail = (what: string) => new Error(`${command} ${args.join(" ")} ${what}:\n${output()}`);
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(fail("printed no address")), place.timeoutMs);
    const look = () => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
      if (found === undefined || !ready.test(output())) return;
      clearTimeout(timer);
      resolve(found);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", look);
    closed.then(() => {
      clearTimeout(timer);
      reject(fail("ended"));
    });
  });
  return { url, output };
}

function start(command: string, args: readonly string[], { cwd, env }: Place) {
  const options: SpawnOptions = {
    cwd,
    env: childEnvironment({ NEXT_TELEMETRY_DISABLED: "1", ...env }),
    // A group of its own, so that what it starts ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  };
  const child = spawn(command, args, options);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it ended in the meantime.
  }
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port was given.");
  return address.port;
}
