import type { Child } from "./child.js";
import { findPort } from "./ports.js";

/** A server in a child process, and where it answers. */
export interface StartedServer {
  readonly url: string;
  readonly child: Child;
}

const tries = 5;

/**
 * Starts a server on a port that nobody listens on, and resolves when it answers. Between finding a port and taking it another
 * program may have been faster: then another port is found.
 *
 * @param port the first to try
 * @param wanted where to look for another, see {@link findPort}
 * @param children takes the server's process from the moment it runs; one that ended without a port is taken out again
 */
export async function startServer({
  port,
  wanted,
  start,
  children,
  signal,
}: {
  port: number;
  wanted: number;
  start: (url: string, port: number) => Child;
  children: Set<Child>;
  signal: AbortSignal | undefined;
}): Promise<StartedServer> {
  for (let attempt = 1, at = port; ; attempt += 1, at = await findPort(wanted)) {
    const url = `http://127.0.0.1:${at}`;
    const child = start(url, at);
    children.add(child);
    try {
      await child.answers(url, signal);
      return { url, child };
    } catch (error) {
      if (attempt === tries || !child.output().includes("EADDRINUSE")) throw error;
      await child.stop();
      children.delete(child);
    }
  }
}
