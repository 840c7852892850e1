import { once } from "node:events";
import { linkUsed } from "../back-office/staff.js";
import { type Demo, startDemo } from "./demo.js";
import { greeting, movedPorts } from "./greeting.js";

const stopping = new AbortController();
let demo: Demo | undefined;

// The terminal may be closed before this process ends.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) demo?.kill();
    else console.log("\n데모를 끝내고 있습니다 … / Stopping …");
    stopping.abort(new Error("stopped before it had started"));
  });
}

try {
  demo = await startDemo({ log: showLine, signal: stopping.signal });
  for (const sentence of movedPorts(demo)) console.log(sentence);
  console.log(greeting(demo));
  const stopped = once(stopping.signal, "abort").then(() => undefined);
  const reason = stopping.signal.aborted ? undefined : await Promise.race([demo.died, stopped]);
  await demo.stop();
  if (reason !== undefined) throw new Error(reason);
  console.log("모두 끝냈습니다. / Everything is stopped.");
  process.exit(0);
} catch (error) {
  if (stopping.signal.aborted) process.exit(0);
  console.error(
    `데모를 실행할 수 없습니다. / The demo cannot run.\n${error instanceof Error ? error.message : error}`,
  );
  process.exit(1);
}

function showLine(line: string): void {
  console.log(line);
  if (line.endsWith(linkUsed) && demo !== undefined) {
    console.log(`다음 직원용 링크 / next staff link: ${demo.staffLink()}`);
  }
}
