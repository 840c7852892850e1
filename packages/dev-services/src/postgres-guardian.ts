/**
 * A separate process that owns one PostgreSQL server. When the pipe from its parent closes, it stops the server, deletes the data and
 * ends. The pipe closes even if the parent is killed by SIGKILL.
 */
import { createInterface } from "node:readline";
import { type ServerRequest, servePostgres } from "./postgres-server.js";

const stop = new AbortController();
const lines = createInterface({ input: process.stdin });
lines.once("close", () => stop.abort());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
// The parent may be gone before it reads the answer.
process.stdout.on("error", () => stop.abort());

lines.once("line", async (line) => {
  try {
    await servePostgres(JSON.parse(line) as ServerRequest, stop.signal, (server) => tell(server));
  } catch (error) {
    if (!stop.signal.aborted) {
      tell({ error: error instanceof Error ? error.message : String(error) });
      process.exitCode = 1;
    }
  }
  process.stdin.destroy();
});

function tell(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
