import type { IncomingMessage } from "node:http";
import { Rejection } from "../gateway/result-codes.js";

const MAX_BODY = 64 * 1024;
/** The number of bytes still read of a body that is too large, so that the client can read the reply. */
const MAX_DRAIN = 1024 * 1024;

/**
 * Checks a request's method and content type, reads its body and decodes it, or throws a {@link Rejection}. Where only
 * ASCII can be meant, `any charset` will do.
 */
export async function readForm(
  request: IncomingMessage,
  charset: "utf-8" | "any charset" = "utf-8",
): Promise<ReadonlyMap<string, string>> {
  const body = await readBody(request);
  if (request.method !== "POST") throw new Rejection("method");
  if (!isForm(request, charset)) throw new Rejection("contentType");
  if (body === undefined) throw new Rejection("tooLarge");
  return decodeForm(body);
}

/** The whole body, or `undefined` if it is larger than 64 KiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_DRAIN) return undefined;
    if (length <= MAX_BODY) chunks.push(chunk);
  }
  return length > MAX_BODY ? undefined : Buffer.concat(chunks);
}

function isForm(request: IncomingMessage, charset: string): boolean {
  const encoding = request.headers["content-encoding"] ?? "identity";
  const [type = "", ...parameters] = (request.headers["content-type"] ?? "")
    .split(";")
    .map((part) => part.trim().toLowerCase());
  return (
    encoding === "identity" &&
    type === "application/x-www-form-urlencoded" &&
    parameters.every(
      (parameter) =>
        charset !== "utf-8" || !parameter.startsWith("charset=") || /^charset="?utf-8"?$/.test(parameter),
    )
  );
}

/**
 * Decodes a form body more strictly than `URLSearchParams`, which repairs silently what a gateway may read
 * differently: bad escapes, broken UTF-8, repeated names, empty pairs.
 */
export function decodeForm(body: Buffer): ReadonlyMap<string, string> {
  const text = body.toString("latin1");
  if (!/^[\x21-\x7e]+$/.test(text)) throw new Rejection("form");
  const form = new Map<string, string>();
  for (const pair of text.split("&")) {
    const equals = pair.indexOf("=");
    if (equals < 1) throw new Rejection("form");
    const name = decodePart(pair.slice(0, equals));
    if (form.has(name)) throw new Rejection("form");
    form.set(name, decodePart(pair.slice(equals + 1)));
  }
  return form;
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll("+", " "));
  } catch {
    throw new Rejection("form");
  }
}
