import { isConsumedBodyError } from "../consumed-body.js";
import { formLimit } from "../notifications/form.js";
import { parseJsonObject } from "../wire/parse-json-object.js";
import { HandlerProblem } from "./problems.js";

export const bodyTimeoutMs = 10_000;

const types = {
  json: {
    pattern: /^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i,
    problem: "unsupported-media-type",
    most: 64 * 1024,
  },
  // The gateway sends notifications with any Content-Type, or none. Their charset is agreed with it.
  notification: { pattern: /^/, problem: "form-expected", most: formLimit },
  form: {
    pattern: /^application\/x-www-form-urlencoded\s*(;[\x20-\x7e]{0,100})?$/i,
    problem: "form-expected",
    most: formLimit,
  },
} as const;

/**
 * Reads a request's complete body of the right media type, within limits of size and time. It does not parse the body.
 */
export async function receiveBody(request: Request, kind: keyof typeof types): Promise<Uint8Array> {
  const { headers } = request;
  const { pattern, problem, most } = types[kind];
  const encoding = headers.get("content-encoding") ?? "identity";
  // A small compressed body could expand to a huge one.
  if (!pattern.test(headers.get("content-type") ?? "") || encoding.toLowerCase() !== "identity") {
    throw new HandlerProblem(problem);
  }
  if (Number(headers.get("content-length") ?? 0) > most) throw new HandlerProblem("body-too-large");
  return readBytes(request, most);
}

/** Parses a body as one JSON object. */
export function parseJsonBody(body: Uint8Array): Record<string, unknown> {
  const object = parseJsonObject(body);
  if (object === undefined) throw new HandlerProblem("malformed-json");
  return object;
}

async function readBytes(request: Request, most: number): Promise<Uint8Array> {
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
      if (size > most) throw new HandlerProblem("body-too-large");
      chunks.push(value);
    }
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof HandlerProblem) throw error;
    if (isConsumedBodyError(error)) throw new HandlerProblem("body-consumed", { logged: error.message });
    // The client disconnected before it sent the complete request.
    throw new HandlerProblem("body-incomplete");
  } finally {
    clearTimeout(timer);
  }
}
