import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * One living process. `started` tells it from a later one that got the same number.
 *
 * @typedef {{ pid: number, parent: number, name: string, started: string }} Entry
 */

/** Every living process, by its number. @returns {Map<number, Entry>} */
export function processTable() {
  const entries = process.platform === "linux" ? fromProc() : fromPs();
  return new Map(entries.map((entry) => [entry.pid, entry]));
}

/** Everything that a process started, directly or not. @returns {Entry[]} */
export function descendantsOf(pid, table = processTable()) {
  const children = [...table.values()].filter((entry) => entry.parent === pid);
  return children.flatMap((child) => [child, ...descendantsOf(child.pid, table)]);
}

/** Those of the given processes that still live. @param {Entry[]} entries */
export function stillAlive(entries) {
  const table = processTable();
  return entries.filter((entry) => table.get(entry.pid)?.started === entry.started);
}

// Slim containers have no ps.
function fromProc() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
}

/** @returns {Entry | undefined} undefined when it ended, or only waits to be buried by a parent that never does */
function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    const fields = text.slice(end + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return {
      pid,
      parent: Number(fields[1]),
      name: text.slice(text.indexOf("(") + 1, end),
      started: fields[19],
    };
  } catch {
    return undefined;
  }
}

function fromPs() {
  const text = execFileSync("ps", ["-Ao", "pid=,ppid=,stat=,lstart=,ucomm="], { encoding: "utf8" });
  return text.split("\n").flatMap((line) => {
    const found = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.{24})\s+(.*)$/.exec(line);
    if (found === null || found[3].startsWith("Z")) return [];
    return [{ pid: Number(found[1]), parent: Number(found[2]), name: found[5].trim(), started: found[4] }];
  });
}
