import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** A running `next start`. */
export interface NextServer {
  readonly port: number;
  output(): string;
  stop(): Promise<void>;
}

const app = fileURLToPath(new URL("../../fixtures/next-app/", import.meta.url));
const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url);

/** Starts `next start` on the fixture app, with nothing in its environment but what is given. */
export async function startNext(settings: Readonly<Record<string, string>>): Promise<NextServer> {
  if (!existsSync(`${app}.next/BUILD_ID`)) {
    throw new Error("The Next.js fixture is not built: run the build script of contract-tests first.");
  }
  const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
  const child = spawn(
    process.execPath,
    ["--import", stopWithParent.href, next, "start", "--port", "0", "--hostname", "127.0.0.1"],
    {
      cwd: app,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NEXT_TELEMETRY_DISABLED: "1", ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const port = new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const found = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
        if (found !== undefined && output.includes("Ready")) resolve(Number(found));
      });
    }
    child.once("exit", () => reject(new Error(`next start ended:\n${output}`)));
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
