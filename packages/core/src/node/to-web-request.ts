import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** What {@link toWebRequest} needs to know that the message does not say. */
export interface ToWebRequestOptions {
  /** The origin of the request's URL. It is configured, since the Host header is the client's own word. */
  readonly origin: string;
  /** The path and query, where a framework has shortened `message.url`. */
  readonly path?: string | undefined;
}

/**
 * A Node request as a web Request. The body is streamed, not read; if a JSON body parser has read it already
 * (`message.body`), the parsed value is written again; of a key that stood twice only the parser's choice is left then.
 */
export function toWebRequest(
  message: IncomingMessage & { body?: unknown },
  options: ToWebRequestOptions,
): Request {
  const method = carriedMethod(message.method ?? "GET");
  const headers = new Headers();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    headers.append(message.rawHeaders[index] ?? "", message.rawHeaders[index + 1] ?? "");
  }
  const url = requestUrl(options.path ?? message.url ?? "/", options.origin);
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers });
  if (message.readableEnded && message.body !== undefined) {
    headers.delete("content-length");
    headers.delete("content-encoding");
    return new Request(url, { method, headers, body: writtenBody(message.body) });
  }
  const body = Readable.toWeb(message) as ReadableStream<Uint8Array>;
  // undici's RequestInit has `duplex`, which a streamed body needs; the DOM's type lacks it.
  return new Request(url, { method, headers, body, duplex: "half" } as RequestInit & { duplex: "half" });
}

function writtenBody(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (body instanceof Uint8Array) return new Uint8Array(body);
  return typeof body === "string" ? body : JSON.stringify(body);
}

// A web Request refuses to carry these. No route has the name that stands for them, so they get the same 405.
function carriedMethod(method: string): string {
  return /^(CONNECT|TRACE|TRACK)$/i.test(method) ? `X-${method}` : method;
}

// A target such as "//evil.example/" must stay a path, and "*" is none. A URL also resolves dot segments and backslashes,
// which the framework did not: whatever guarded the path it saw has not guarded the one that would come of them.
function requestUrl(target: string, origin: string): URL {
  const resolves = /\\|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(target.split("?", 1)[0] ?? "");
  const path = target.startsWith("/") && !resolves ? target : "/";
  const url = new URL(origin);
  const [pathname = "/", ...query] = path.split("?");
  url.pathname = pathname;
  url.search = query.join("?");
  return url;
}
