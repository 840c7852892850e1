import type { IncomingMessage } from "node:http";

/**
 * Restores the bytes of a body that a parser has read and left in `message.body`, if they are certainly the same: the bytes, their
 * text, or one flat map of a form or a JSON object. `undefined` otherwise.
 */
export function bytesOfParsedBody(message: IncomingMessage & { body?: unknown }): Uint8Array | undefined {
  const { body, headers } = message;
  const kind = kindOf(headers["content-type"]);
  // A compressed body has another length; the handler rejects it in every form.
  const length = headers["content-encoding"] === undefined ? headers["content-length"] : undefined;
  const announced = length === undefined ? undefined : Number(length);
  if (announced === 0 || (announced === undefined && !message.readableDidRead)) return new Uint8Array();
  if (body instanceof Uint8Array) {
    return announced === undefined || announced === body.byteLength ? body : undefined;
  }
  if (kind === undefined) return undefined;
  if (typeof body === "string") {
    // A JSON parser may leave a text too, but that is shorter than the body.
    const bytes = Buffer.from(body);
    return announced === bytes.byteLength && !body.includes(replacement) ? bytes : undefined;
  }
  if (!isPlainObject(body)) return undefined;
  const entries = Object.entries(body);
  const text = kind === "json" ? writtenJson(entries) : writtenForm(entries);
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text);
  // Express 4 sets an empty object for bodies that its parsers did not read; other code may have read them.
  return entries.length > 0 || announced === bytes.byteLength ? bytes : undefined;
}

// The replacement character stands for bytes that are not UTF-8.
const replacement = "\uFFFD";

// Only UTF-8 encodes a text in a single way.
function kindOf(type = ""): "json" | "form" | undefined {
  const [, subtype, charset = "utf-8"] =
    /^application\/(json|x-www-form-urlencoded)\s*(?:;\s*charset="?([\w-]+)"?\s*)?$/i.exec(type) ?? [];
  if (subtype === undefined || charset.toLowerCase() !== "utf-8") return undefined;
  return subtype.toLowerCase() === "json" ? "json" : "form";
}

function isPlainObject(body: unknown): body is object {
  if (typeof body !== "object" || body === null) return false;
  const prototype: unknown = Object.getPrototypeOf(body);
  return prototype === null || prototype === Object.prototype;
}

function writtenJson(entries: readonly [name: string, value: unknown][]): string | undefined {
  const same = entries.every(
    ([, value]) =>
      typeof value === "string" || typeof value === "boolean" || value === null || Number.isFinite(value),
  );
  return same ? JSON.stringify(Object.fromEntries(entries)) : undefined;
}

// qs parses brackets in names, and does not decode a value that is not UTF-8.
function writtenForm(entries: readonly [name: string, value: unknown][]): string | undefined {
  const pairs: [string, string][] = [];
  for (const [name, value] of entries) {
    if (typeof value !== "string" || /[[\]=]/.test(name)) return undefined;
    if (/\uFFFD|%[0-9a-f]{2}/i.test(name + value)) return undefined;
    pairs.push([name, value]);
  }
  return new URLSearchParams(pairs).toString();
}
