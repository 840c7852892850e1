import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, connect, createServer } from "node:net";
import { jsonReply } from "./fault-server.js";

/** Replaces `https.request` as libraries for proxies or tracing do; returns a function that restores it. */
export function interceptHttps(
  intercept: (request: typeof https.request) => typeof https.request,
): () => void {
  const original = https.request;
  https.request = intercept(original);
  syncBuiltinESMExports();
  return () => {
    https.request = original;
    syncBuiltinESMExports();
  };
}

/** Creates all requests without their `createConnection`, as Bun before 1.4 and Deno 2.0 and 2.1 do; returns a function that restores it. */
export function ignoreCreateConnection(): () => void {
  const original = http.ClientRequest;
  http.ClientRequest = class extends original {
    constructor(options: http.RequestOptions) {
      super({ ...options, createConnection: undefined });
    }
  } as typeof original;
  syncBuiltinESMExports();
  return () => {
    http.ClientRequest = original;
    syncBuiltinESMExports();
  };
}

/** Sends all HTTPS requests unencrypted to a server that approves everything, in place of the given connection. */
export async function detourHttps(approval: object) {
  let received = "";
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      socket.end(jsonReply(approval), "latin1");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  class Detour extends https.Agent {
    override createConnection() {
      return connect(port, "127.0.0.1");
    }
  }
  const restore = interceptHttps(
    (request) =>
      ((options: https.RequestOptions) =>
        request({ ...options, agent: new Detour() })) as typeof https.request,
  );
  return {
    restore,
    /** What reached that server, once its connections are closed. */
    async received(): Promise<string> {
      server.close();
      await once(server, "close");
      return received;
    },
  };
}
