import { execFileSync } from "node:child_process";

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function listProcesses(): readonly ProcessLine[] {
  const text = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 1 << 24 });
  return text.split("\n").flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** A process and everything it has started, however deep. */
export function familyOf(pid: number): readonly ProcessLine[] {
  const all = listProcesses();
  const family = all.filter((line) => line.pid === pid);
  for (const member of family) family.push(...all.filter(({ parent }) => parent === member.pid));
  return family;
}

/** Which of these are still there. A number used again by another program does not count. */
export function survivorsOf(family: readonly ProcessLine[]): readonly ProcessLine[] {
  const now = new Map(listProcesses().map((line) => [line.pid, line.command]));
  return family.filter(({ pid, command }) => now.get(pid) === command);
}
