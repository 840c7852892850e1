import { type Operation, type RequestField, wireName } from "@payapi/core/operations";
import { fits } from "./codecs.js";

/** Codecs whose values can be shown: they leave no room for anything that was not meant to stand there. */
const SHOWN = new Set([
  "amount",
  "amount-or-zero",
  "word",
  "choice",
  "count",
  "korean-date",
  "installments",
  "ipv4",
]);

/** What a client sent, for people to read: secrets are replaced, free text is only counted, unknown names are left out. */
export function redactForm(
  operation: Operation,
  form: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(operation.request).flatMap(([name, field]) => {
      const wire = wireName(name, field);
      const value = form.get(wire);
      return value === undefined || field.filledBy ? [] : [[wire, redactValue(value, field)]];
    }),
  );
}

function redactValue(value: string, field: RequestField): string {
  if (field.secret || field.encrypted) return "[redacted]";
  const isShown = SHOWN.has(field.codec) && fits(value, field) && !/\d{12}/.test(value);
  return isShown || value === "" ? value : `[${[...value].length} characters]`;
}
