import { spawn } from "node:child_process";
import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { descendantsOf, processTable, stillAlive } from "./process-table.mjs";

const endBoundMs = 30_000;
const leftoverBoundMs = 10_000;
const secondSignalAfterMs = 1_000;

/** @type {Set<{ child: import("node:child_process").ChildProcess, wholeGroup: boolean }>} */
const running = new Set();
let stopping = false;

/**
 * Runs a program to its end, in a process group of its own: a signal then reaches it once, from here, and not a second
 * time from the terminal.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd]
 * @param {NodeJS.ProcessEnv} [options.env] added to our own
 * @param {boolean} [options.quiet] collects the output instead of showing it
 * @param {{ uid: number, gid: number }} [options.user] who runs it, if not we
 * @param {boolean} [options.wholeGroup] whether a stop signal goes to all of its group, or to the program alone
 * @returns {Promise<{ code: number, output: string }>}
 */
export async function run(command, args, { cwd, env, quiet = false, user, wholeGroup = true } = {}) {
  // A stop under way ends this script by itself: nothing more is started.
  if (stopping) return new Promise(() => {});
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    ...user,
    stdio: ["ignore", quiet ? "pipe" : "inherit", quiet ? "pipe" : "inherit"],
  });
  const entry = { child, wholeGroup };
  running.add(entry);
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk) => {
    output += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => {
    child.once("error", (error) => {
      output += `${error.message}\n`;
      if (!quiet) console.error(error.message);
      resolve(127);
    });
    child.once("exit", (exitCode, signal) => resolve(exitCode ?? 128 + (constants.signals[signal] ?? 0)));
  });
  if (stopping) return new Promise(() => {});
  signalTo(child, "SIGKILL", true);
  running.delete(entry);
  return { code, output };
}

/**
 * Passes SIGINT, SIGTERM and SIGHUP on to the running programs, waits for them, kills the rest and ends this script. The death of the
 * npm that started this script counts as SIGTERM, since npm does not always pass that on.
 */
export function stopOnSignals() {
  let firstAt = 0;
  const handle = (signal) => {
    if (!stopping) {
      firstAt = Date.now();
      void stop(signal);
    } else if (Date.now() - firstAt > secondSignalAfterMs) {
      // An impatient second Ctrl-C. The first one may arrive twice, from the terminal and from npm.
      for (const { child } of running) signalTo(child, "SIGKILL", true);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => handle(signal));
  // The terminal may be gone before us.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  watchNpm(() => {
    if (!stopping) handle("SIGTERM");
  });
}

async function stop(signal) {
  stopping = true;
  const family = descendantsOf(process.pid);
  const ends = [...running].map(({ child }) => ended(child));
  // Not every tool ends on SIGHUP.
  const passedOn = signal === "SIGHUP" ? "SIGTERM" : signal;
  for (const { child, wholeGroup } of running) signalTo(child, passedOn, wholeGroup);
  await Promise.race([Promise.all(ends), pause(endBoundMs)]);
  // A database may still be closing its files.
  const bound = Date.now() + leftoverBoundMs;
  while (stillAlive(family).length > 0 && Date.now() < bound) await pause(50);
  for (const { pid } of stillAlive(family)) signalPid(pid, "SIGKILL");
  for (const { child } of running) signalTo(child, "SIGKILL", true);
  process.exit(128 + constants.signals[signal]);
}

function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return undefined;
  return new Promise((resolve) => child.once("exit", resolve));
}

function signalTo(child, signal, wholeGroup) {
  if (child.pid !== undefined) signalPid(wholeGroup ? -child.pid : child.pid, signal);
}

function signalPid(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended in the meantime.
  }
}

function watchNpm(onGone) {
  const { npm_lifecycle_event: script } = process.env;
  if (script === undefined) return;
  const parent = process.ppid;
  const table = processTable();
  // npm starts scripts through a shell, which may stay between us and npm, and outlive npm.
  const shell = /^(?:sh|dash|bash|zsh|ash|busybox)$/.test(table.get(parent)?.name ?? "");
  const npm = table.get(parent)?.parent;
  setInterval(() => {
    if (process.ppid !== parent || (shell && processTable().get(parent)?.parent !== npm)) onGone();
  }, 500).unref();
}
