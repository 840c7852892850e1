import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExpressKind } from "./express-server.js";
import { sendOverHttp } from "./http-client.js";
import type { StartMount } from "./mount.js";
import { startServerProcess } from "./server-process.js";

// A process of its own runs what was compiled, wherever this file is read from.
const server = fileURLToPath(new URL("../../dist/handler/express-server.js", import.meta.url));

/** A shop's Express server with the middleware, and a handler of its own after it. */
export function startExpress(kind: ExpressKind): StartMount {
  return async (settings) => {
    const { port, output, stop } = await startServerProcess([server, kind], dirname(server), { ...settings });
    return { send: (wire) => sendOverHttp(port, wire), output, close: stop };
  };
}
