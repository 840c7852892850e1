import { formLimit } from "../notifications/form.js";

/** A web `Request`, or as much of one as is needed. */
export interface RequestLike {
  readonly method: string;
  readonly url: string;
  readonly body?: ReadableStream<Uint8Array> | null;
}

/** Where a return is read from: a request, the raw bytes of a form or a query string, or a query that was parsed as UTF-8. */
export type PageReturnSource = URLSearchParams | Uint8Array | RequestLike;

/** The bytes of the form; `undefined` if the source has none or too many to be read. */
export async function formBytes(source: PageReturnSource): Promise<Uint8Array | undefined> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof URLSearchParams) return Buffer.from(source.toString());
  if (typeof source !== "object" || source === null || typeof source.url !== "string") return undefined;
  // Nothing says which of the two a gateway takes; a browser's POST has its fields in the body.
  if (source.method === "POST") return readAll(source.body);
  return Buffer.from(/\?([^#]*)/.exec(source.url)?.[1] ?? "");
}

async function readAll(body: ReadableStream<Uint8Array> | null | undefined): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength;
      if (size > formLimit) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    // The browser went away before its request was whole, or the body was read by somebody else.
    return undefined;
  }
}
