import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createPayApiMiddleware } from "@payapi/express-middleware";
import express from "express";
import { sendOverHttp } from "./http-client.js";
import type { Mount } from "./mount.js";
import { openShop, type ShopPath, type ShopSettings, shopPaths } from "./shop.js";

/** What answers where the middleware calls `next()`. */
export const passedOn = { status: 404, text: '{"passedOn":true}' } as const;

/** An Express 5 server with the middleware and a handler of its own after it. */
export async function startExpress(settings: ShopSettings): Promise<Mount> {
  const shop = await openShop(settings);
  const app = express();
  for (const path of Object.keys(shopPaths) as ShopPath[]) {
    app.use(path, createPayApiMiddleware(shop.options(path)));
  }
  app.use((_request, response) => {
    response.status(passedOn.status).json({ passedOn: true });
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    send: (wire) => sendOverHttp(port, wire),
    output: () => "",
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await shop.close();
    },
  };
}
