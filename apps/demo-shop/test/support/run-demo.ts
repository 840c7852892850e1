import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../../dist/supervisor/main.js", import.meta.url));

/** `npm run demo` from its last step on, in a process of its own. */
export interface RunningDemo {
  readonly process: ChildProcess & { readonly pid: number };
  readonly output: () => string;
  /** Resolves when the output matches; throws if the process ends first. */
  shows(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with exit code and signal. */
  readonly ended: Promise<readonly [code: number | null, signal: string | null]>;
}

export function runDemo(): RunningDemo {
  const { DATABASE_URL: _ownDatabase, ...env } = process.env;
  const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) throw new Error("The demo could not be started");
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
      child.emit("shown");
    });
  }
  const ended = once(child, "close") as Promise<[number | null, string | null]>;
  return {
    process: Object.assign(child, { pid: child.pid }),
    output: () => output,
    ended,
    async shows(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        const over = await Promise.race([once(child, "shown").then(() => false), ended.then(() => true)]);
        if (over && !pattern.test(output))
          throw new Error(`The demo ended without showing ${pattern}\n${output}`);
      }
    },
  };
}

/** The addresses the demo has printed. */
export async function addressesOf(demo: RunningDemo) {
  const storefront = await demo.shows(/storefront\s+(http:\S+)/);
  const backOffice = await demo.shows(/back office\s+(http:\S+)/);
  const sandbox = await demo.shows(/sandbox\s+(http:\S+)/);
  await demo.shows(/Ctrl-C stops everything/);
  return { storefront: storefront[1] ?? "", backOffice: backOffice[1] ?? "", sandbox: sandbox[1] ?? "" };
}
