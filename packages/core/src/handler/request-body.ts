import { parseJsonObject } from "../wire/parse-json-object.js";
import { HandlerProblem } from "./problems.js";

const bodyLimit = 64 * 1024;
const bodyTimeoutMs = 10_000;

/** Waits for a request's whole body, within a size and a time. What is in it is looked at by {@link parseJsonBody}. */
export async function receiveBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > bodyLimit)
    throw new HandlerProblem("body-too-large");
  return readBytes(request);
}

/** Reads a body as one JSON object. */
export function parseJsonBody(request: Request, body: Uint8Array): Record<string, unknown> {
  const type = request.headers.get("content-type") ?? "";
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type) || encoding !== "identity") {
    throw new HandlerProblem("unsupported-media-type");
  }
  const object = parseJsonObject(body);
  if (object === undefined) throw new HandlerProblem("malformed-json");
  return object;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerProblem("request-timeout")), bodyTimeoutMs);
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return Buffer.concat(chunks);
      size += value.byteLength;
      if (size > bodyLimit) throw new HandlerProblem("body-too-large");
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof HandlerProblem) throw error;
    // The client went away before its request was whole; there is nobody to answer.
    throw new HandlerProblem("malformed-json");
  } finally {
    clearTimeout(timer);
  }
}
