import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Writable } from "node:stream";
import { patienceMs } from "./child-life.js";

export interface ChildOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  /** A child that must end after this one. */
  readonly holds?: Child;
  /** The line that it prints once it listens. */
  readonly listens?: RegExp;
}

/** One of the demo's servers, in its own process. */
export interface Child {
  readonly life: Writable;
  /** Its output on stdout and stderr: the last 10,000 lines. */
  readonly output: () => string;
  /** Resolves with a sentence when it ends unexpectedly. */
  readonly died: Promise<string>;
  /** Resolves when the child listens; throws if it dies first, or does not listen within a minute. */
  listens(signal?: AbortSignal): Promise<void>;
  /** Asks it to end, waits for requests in flight, and kills it after a time limit. */
  stop(): Promise<void>;
  /** Ends it at once, with everything it started. */
  kill(): void;
}

/**
 * Starts a script as the leader of its own process group, so that Ctrl-C in the terminal reaches the supervisor alone.
 * Its stdin stays open as long as the supervisor lives, or another child that holds it.
 */
export function startChild({
  name,
  script,
  args = [],
  env,
  log = () => {},
  holds,
  listens,
}: ChildOptions): Child {
  const lines: string[] = [];
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe", ...(holds === undefined ? [] : [holds.life])],
  }) as ChildProcessWithoutNullStreams;
  // Writing to a child that has just died must not end this process.
  child.stdin.on("error", () => {});
  let isListening = () => {};
  const listening = new Promise<void>((resolve) => {
    isListening = resolve;
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > mostLines) lines.shift();
      log(`[${name}] ${line}`);
      if (listens?.test(line)) isListening();
    });
  }
  let isStopping = false;
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const died = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`${name} could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      if (!isStopping)
        resolve(
          `${name} ended unexpectedly (${signal ?? `exit code ${code}`})\n${lines.slice(-20).join("\n")}`,
        );
    });
  });
  return {
    life: child.stdin,
    output: () => lines.join("\n"),
    died,
    async listens(given = new AbortController().signal) {
      const signal = AbortSignal.any([given, AbortSignal.timeout(startMs)]);
      signal.throwIfAborted();
      const gaveUp = once(signal, "abort").then(() => signal.throwIfAborted());
      const dead = died.then((sentence) => {
        throw new Error(sentence);
      });
      await Promise.race([listening, dead, gaveUp]);
    },
    async stop() {
      isStopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      signalGroup(child, "SIGTERM");
      const kill = setTimeout(() => signalGroup(child, "SIGKILL"), patienceMs + 1_000);
      await ended;
      clearTimeout(kill);
      // Kills the rest of its process group.
      signalGroup(child, "SIGKILL");
    },
    kill() {
      isStopping = true;
      signalGroup(child, "SIGKILL");
    },
  };
}

const mostLines = 10_000;
const startMs = 60_000;

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The process group is empty.
  }
}
