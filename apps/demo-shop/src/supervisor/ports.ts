import { once } from "node:events";
import { connect, createServer } from "node:net";
import { type Child, type ChildOptions, startChild } from "./child.js";

const tries = 50;
const starts = 5;

/**
 * Finds a free port of 127.0.0.1: the wanted one, otherwise the next free one. 0 gives any free port.
 *
 * @param taken ports that are reserved for other servers
 */
export async function findPort(wanted: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (wanted === 0) return probe(0);
  for (let port = wanted; port < wanted + tries && port < 65_536; port += 1) {
    if (taken.has(port) || (await answers(port))) continue;
    try {
      return await probe(port);
    } catch {
      // Another program uses the port without answering, or this user may not use it.
    }
  }
  throw new Error(`No free port from ${wanted} to ${wanted + tries - 1}`);
}

async function probe(port: number): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("The port has no number");
  return address.port;
}

/** Some systems let two programs listen on one port, one on all addresses and one on loopback; so it also connects. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const answered = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
  socket.destroy();
  return answered;
}

interface ServerOptions {
  readonly port: number;
  /** The ports to search, see {@link findPort}. */
  readonly wanted: number;
  /** Takes the server's process from the moment it runs; one that ended without a port is taken out again. */
  readonly children: Set<Child>;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts a server on a free port, and resolves when it listens. If another program takes the port in between, it tries another port.
 */
export async function startServer(
  { port, wanted, children, signal }: ServerOptions,
  options: (url: string, port: number) => ChildOptions,
): Promise<{ readonly url: string; readonly child: Child }> {
  for (let attempt = 1, at = port; ; attempt += 1, at = await findPort(wanted)) {
    const url = `http://127.0.0.1:${at}`;
    const child = startChild(options(url, at));
    children.add(child);
    try {
      await child.listens(signal);
      return { url, child };
    } catch (error) {
      if (attempt === starts || !child.output().includes("EADDRINUSE")) throw error;
      await child.stop();
      children.delete(child);
    }
  }
}
