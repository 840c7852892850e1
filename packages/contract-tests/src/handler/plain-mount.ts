import { createPayApiHandler, type PayApiHandler } from "@payapi/core/handler";
import type { Mount, WireRequest } from "./mount.js";
import { openShop, type ShopPath, type ShopSettings, shopPaths } from "./shop.js";
import { shopOrigin } from "./shop-orders.js";

/** Core's handler as a function, without any server. */
export async function startPlain(settings: ShopSettings): Promise<Mount> {
  const shop = await openShop(settings);
  const paths = Object.keys(shopPaths) as ShopPath[];
  const handlers = new Map(paths.map((path) => [path, createPayApiHandler(shop.options(path))]));
  return {
    send: async (wire) => {
      const handler = handlerAt(handlers, wire.path);
      const response = await handler(toRequest(wire), undefined);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: await response.text(),
      };
    },
    output: () => "",
    close: () => shop.close(),
  };
}

function handlerAt(handlers: ReadonlyMap<ShopPath, PayApiHandler>, path: string): PayApiHandler {
  for (const [basePath, handler] of handlers) if (path.startsWith(`${basePath}/`)) return handler;
  throw new Error(`nothing is mounted at ${path}`);
}

function toRequest({ method, path, headers, body, chunked, signal }: WireRequest): Request {
  const init = { method, headers, ...(signal && { signal }) };
  const url = new URL(shopOrigin + path);
  if (body === undefined) return new Request(url, init);
  if (!chunked) {
    const length = String(Buffer.byteLength(body));
    return new Request(url, { ...init, headers: { "content-length": length, ...headers }, body });
  }
  const stream = new Blob([body]).stream();
  return new Request(url, { ...init, body: stream, duplex: "half" } as RequestInit & { duplex: "half" });
}
