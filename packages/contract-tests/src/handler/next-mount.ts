import { sendOverHttp } from "./http-client.js";
import type { Mount } from "./mount.js";
import { prepareDevApp, prepareNext15App } from "./next-fixtures.js";
import { startNext } from "./next-server.js";
import type { ServerProcess } from "./server-process.js";
import { type ShopSettings, shopPaths } from "./shop.js";

/** The fixture app as its build left it, served by `next start`. */
export async function startNextBuilt(settings: ShopSettings): Promise<Mount> {
  return mountOf(await startNext({ ...settings }));
}

/** The fixture app in `next dev`. */
export async function startNextDev(settings: ShopSettings): Promise<Mount> {
  const server = await startNext({ ...settings }, { folder: await prepareDevApp(), command: "dev" });
  // It compiles a route when it is first asked for, which no test should have to wait for.
  for (const path of Object.keys(shopPaths)) {
    await sendOverHttp(server.port, { method: "OPTIONS", path: `${path}/orders/warm-up`, headers: {} });
  }
  return mountOf(server);
}

/** The fixture app built and served by Next.js 15. */
export async function startNext15(settings: ShopSettings): Promise<Mount> {
  return mountOf(await startNext({ ...settings }, { folder: await prepareNext15App() }));
}

function mountOf({ port, output, stop }: ServerProcess): Mount {
  return { send: (wire) => sendOverHttp(port, wire), output, close: stop };
}
