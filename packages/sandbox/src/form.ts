import { Rejection } from "./result-codes.js";

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
