import type { IncomingMessage } from "node:http";
import { decodeForm } from "./form.js";
import { Rejection } from "./result-codes.js";

const MAX_BODY = 64 * 1024;
/** What is still read of a body that is too large, so that the client gets to see the reply. */
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
