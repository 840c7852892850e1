import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Serves for the length of one test, and gives the port. A serving that fails fails the test. */
export async function serveHttp(
  serve: (message: IncomingMessage, target: ServerResponse) => Promise<void>,
): Promise<number> {
  const failures: unknown[] = [];
  const server = createServer((message, target) => {
    serve(message, target).catch((error: unknown) => {
      failures.push(error);
      target.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    if (failures.length > 0) throw failures[0];
  });
  return (server.address() as AddressInfo).port;
}

/** A client that writes raw bytes and collects the answer. */
export async function connectTo(port: number): Promise<Socket & { received(): string }> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  // A server that has answered may reset what is still being sent.
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return Object.assign(socket, { received: () => text });
}

/** A promise with its resolve function. */
export function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((end) => {
    resolve = end;
  });
  return { promise, resolve };
}
