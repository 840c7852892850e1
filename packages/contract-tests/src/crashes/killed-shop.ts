import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";
import { type ShopProcessSettings, shopOrigin } from "./shop-settings.js";

const program = fileURLToPath(new URL("../../dist/crashes/shop-process.js", import.meta.url));
const stopWithParent = new URL("../../../../scripts/lib/stop-with-parent.mjs", import.meta.url).href;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A shop's server on one port, killed and started again. */
export class KilledShop {
  readonly #settings: ShopProcessSettings;
  #child: ChildProcess | undefined;

  constructor(settings: ShopProcessSettings) {
    this.#settings = settings;
  }

  /** Resolves when the shop takes requests. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ["--import", stopWithParent, program], {
      env: childEnvironment({ ...this.#settings }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    let output = "";
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (output.includes("Ready")) resolve();
        });
      }
      child.once("exit", () => reject(new Error(`The shop ended:\n${output}`)));
    });
  }

  /** SIGKILL: nothing of the process runs any more. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** The answer's status, or `undefined` if the shop died over it. */
  async post(path: string, body: object): Promise<number | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.#settings.PORT}/payments${path}`, {
        method: "POST",
        headers: { origin: shopOrigin, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return undefined;
    }
  }
}
