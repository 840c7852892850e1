import { once } from "node:events";
import { Readable } from "node:stream";
import { createPayApiHandler, type PayApiHandler } from "@payapi/core/handler";
import { readableText } from "./answer-text.js";
import { isIterable } from "./http-client.js";
import type { Mount, WireRequest } from "./mount.js";
import { openShop, type ShopPath, type ShopSettings, shopPaths } from "./shop.js";
import { shopOrigin } from "./shop-orders.js";

/** Core's handler as a function, without any server. */
export async function startPlain(settings: ShopSettings): Promise<Mount> {
  const shop = await openShop(settings);
  const paths = Object.keys(shopPaths) as ShopPath[];
  const handlers = new Map(paths.map((path) => [path, createPayApiHandler(shop.options(path))]));
  const running = new Set<Promise<Response>>();
  return {
    send: async (wire) => {
      const handler = handlerAt(handlers, wire.path);
      const answer = handler(toRequest(wire), undefined);
      running.add(answer);
      const response = await (wire.signal ? Promise.race([answer, gone(wire.signal)]) : answer);
      running.delete(answer);
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        text: readableText(Buffer.from(await response.arrayBuffer())),
      };
    },
    output: () => "",
    close: async () => {
      // A client that went away waits for no answer, but the handler still works on one.
      await Promise.all(running);
      await shop.close();
    },
  };
}

async function gone(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}

function handlerAt(handlers: ReadonlyMap<ShopPath, PayApiHandler>, path: string): PayApiHandler {
  for (const [basePath, handler] of handlers) if (path.startsWith(`${basePath}/`)) return handler;
  throw new Error(`nothing is mounted at ${path}`);
}

function toRequest({ method, path, headers: given, body, chunked, signal }: WireRequest): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values].flat()) headers.append(name, value);
  }
  const init = { method, headers, ...(signal && { signal }) };
  const url = new URL(shopOrigin + path);
  if (body === undefined) return new Request(url, init);
  if (!isIterable(body) && !chunked) {
    if (!headers.has("content-length")) headers.set("content-length", String(Buffer.byteLength(body)));
    return new Request(url, { ...init, body: new Uint8Array(Buffer.from(body)) });
  }
  const stream = streamOf(isIterable(body) ? body : Readable.from([body]), signal);
  return new Request(url, { ...init, body: stream, duplex: "half" } as RequestInit & { duplex: "half" });
}

/** Chunks as a server gives them to its handler: the stream breaks when the client goes away. */
function streamOf(
  body: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  return new ReadableStream({
    start: (controller) => signal?.addEventListener("abort", () => controller.error(signal.reason)),
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(Buffer.from(value));
    },
  });
}
