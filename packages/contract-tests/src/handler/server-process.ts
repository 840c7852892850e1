import { spawn } from "node:child_process";
import { once } from "node:events";
import { childEnvironment } from "@payapi/dev-services/environment";

/** A server that runs in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** Its output on both streams. */
  output(): string;
  /** Ends it, and waits for its end. */
  stop(): Promise<void>;
}

const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url);

/**
 * Starts a Node script with nothing in its environment but what is given. It listens on a port of the system's choice and
 * prints `http://127.0.0.1:<port>`, then a line with "Ready".
 */
export async function startServerProcess(
  script: readonly [path: string, ...args: string[]],
  cwd: string,
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, ["--import", stopWithParent.href, ...script], {
    cwd,
    env: childEnvironment(settings),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const port = new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
        if (found !== undefined && output.includes("Ready")) resolve(Number(found));
      });
    }
    child.once("exit", () => reject(new Error(`${script.join(" ")} ended:\n${output}`)));
  });
  return {
    port: await port,
    output: () => output,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
