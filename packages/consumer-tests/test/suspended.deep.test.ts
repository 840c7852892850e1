import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { makeCertificate, RuntimeGateway } from "./support/runtime-gateway.js";
import { installRuntime, runIn } from "./support/runtimes.js";

const script = fileURLToPath(new URL("../fixtures/runtimes/pay-once.mjs", import.meta.url));
const runtimes = ["this Node.js", "Node.js 24", "Bun 1.4.5", "Deno 2.9.6"] as const;
const timeoutMs = 10_000;

beforeAll(async () => {
  for (const runtime of runtimes) await installRuntime(runtime);
});

it.runIf(process.platform === "linux").concurrent.each(runtimes)(
  "%s, stopped until its deadline has passed, still reads the reply that arrived meanwhile",
  async (runtime) => {
    const certificate = await makeCertificate();
    const gateway = await RuntimeGateway.start("T-suspended", certificate);
    onTestFinished(() => gateway.stop());
    const argument = { ca: certificate.cert, baseUrl: `https://${gateway.host}`, timeoutMs };
    const run = runIn(runtime, script, JSON.stringify(argument));
    const { pid } = run.child;
    if (pid === undefined) throw new Error("The runtime did not start.");
    gateway.onRequest = async (approve) => {
      // The call began before its request came.
      const deadline = performance.now() + timeoutMs;
      process.kill(pid, "SIGSTOP");
      await until(() => stateOf(pid) === "T");
      await approve();
      await until(() => performance.now() > deadline);
      process.kill(pid, "SIGCONT");
    };
    const { stdout } = await run;
    expect(stdout).toBe("T-suspended\n");
  },
);

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function stateOf(pid: number): string | undefined {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
}
