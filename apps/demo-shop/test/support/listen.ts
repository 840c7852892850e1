import { once } from "node:events";
import { createServer } from "node:net";

/** Holds a port, a free one for 0. */
export async function listen(port: number) {
  const server = createServer((socket) => socket.end()).listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, close: () => server.close() };
}
