import { sendOverHttp } from "./http-client.js";
import type { Mount } from "./mount.js";
import { type NextServer, startNext } from "./next-server.js";
import type { ShopSettings } from "./shop.js";

/** The fixture app as its build left it, served by `next start`. */
export async function startNextMount(settings: ShopSettings): Promise<Mount> {
  const server: NextServer = await startNext({ ...settings });
  return {
    send: (wire) => sendOverHttp(server.port, wire),
    output: () => server.output(),
    close: () => server.stop(),
  };
}
