import type { IncomingMessage } from "node:http";
import { ConsumedBodyError } from "../consumed-body.js";
import { bytesOfParsedBody } from "./parsed-body.js";
import { streamedBody } from "./streamed-body.js";

/** The options of {@link toWebRequest}. */
export interface ToWebRequestOptions {
  /** The origin of the request's URL. It is configured, since clients can forge the Host header. */
  readonly origin: string;
  /** The path and query, if a framework has shortened `message.url`. */
  readonly path?: string | undefined;
}

/**
 * Converts a Node request to a web Request. The body is streamed on demand. If a body parser has read it, the body is restored from
 * `message.body` if that gives exactly the same bytes; otherwise reading it fails with a `ConsumedBodyError`.
 */
export function toWebRequest(
  message: IncomingMessage & { body?: unknown },
  options: ToWebRequestOptions,
): Request {
  const method = carriedMethod(message.method ?? "GET");
  const headers = headersOf(message);
  const url = requestUrl(options.path ?? message.url ?? "/", options.origin);
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  const body = bodyOf(message, headers);
  // undici's RequestInit has `duplex`, which a streamed body needs; the DOM's type lacks it.
  return new Request(url, { method, headers, body, duplex: "half" } as RequestInit & { duplex: "half" });
}

// Not from rawHeaders: they are empty in serverless adapters. In HTTP/2, pseudo headers such as `:method` come first.
function headersOf({ headers }: IncomingMessage): Headers {
  const carried = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const each of [value].flat()) carried.append(name, each);
  }
  return carried;
}

function bodyOf(
  message: IncomingMessage & { body?: unknown },
  headers: Headers,
): ReadableStream<Uint8Array> | Uint8Array {
  const { readableDidRead, readableEnded } = message;
  if (!readableDidRead && !readableEnded) return streamedBody(message);
  const bytes = readableEnded ? bytesOfParsedBody(message) : undefined;
  if (bytes === undefined) return failingBody();
  // Content-Encoding stays, so that the handler rejects a compressed body also after a parser has unpacked it.
  headers.delete("transfer-encoding");
  headers.set("content-length", String(bytes.byteLength));
  return bytes;
}

function failingBody(): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      pull(controller) {
        controller.error(new ConsumedBodyError());
      },
    },
    { highWaterMark: 0 },
  );
}

// A web Request rejects these methods. The placeholder has no route, so they get the same 405.
function carriedMethod(method: string): string {
  return /^(CONNECT|TRACE|TRACK)$/i.test(method) ? `X-${method}` : method;
}

// A target such as "//evil.example/" must stay a path, and "*" is not a path. A URL also resolves dot segments and backslashes,
// which the framework did not: its guards would have checked another path.
function requestUrl(target: string, origin: string): URL {
  const resolves = /[\\#]|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(target.split("?", 1)[0] ?? "");
  const path = target.startsWith("/") && !resolves ? target : "/";
  const url = new URL(origin);
  const [pathname = "/", ...query] = path.split("?");
  url.pathname = pathname;
  url.search = query.join("?");
  return url;
}
