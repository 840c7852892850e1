import { isIPv4 } from "node:net";
import { type Operation, type RequestCodec, type RequestField, wireName } from "@payapi/core/operations";
import { isLoopbackUrl } from "../http/loopback.js";
import { parseKoreanTime } from "../time/korean-time.js";

type Check = (value: string, field: RequestField) => boolean;

const amount = (value: string, least: number) =>
  /^\d+$/.test(value) && Number.isSafeInteger(Number(value)) && Number(value) >= least;

/** The values that the gateway accepts for each codec. */
const checks: Readonly<Record<RequestCodec, Check>> = {
  text: () => true,
  word: (value) => /^[A-Za-z0-9_-]+$/.test(value),
  amount: (value) => amount(value, 1),
  "amount-or-zero": (value) => amount(value, 0),
  count: (value) => amount(value, 1),
  "card-number": (value) => /^\d{13,16}$/.test(value),
  "card-prefix": (value) => /^\d{6}$/.test(value),
  year: (value) => /^\d\d$/.test(value),
  month: (value) => /^(0[1-9]|1[0-2])$/.test(value),
  "regist-no": (value) => /^(\d{6}|\d{10})$/.test(value),
  "two-digits": (value) => /^\d\d$/.test(value),
  installments: (value) => /^(00|0[2-9]|[12]\d|3[0-6])$/.test(value),
  choice: (value, field) => Object.values(field.choices ?? {}).includes(value),
  ascii: (value) => /^[\x21-\x7e]+$/.test(value),
  digits: (value) => /^\d+$/.test(value),
  "korean-date": (value) => /^\d{8}$/.test(value) && parseKoreanTime(`${value}000000`) !== undefined,
  ipv4: (value) => isIPv4(value),
  "merchant-url": (value) =>
    /^[\x21-\x7e]+$/.test(value) &&
    URL.canParse(value) &&
    (new URL(value).protocol === "https:" || isLoopbackUrl(value)),
  "installment-list": (value) => /^(0[1-9]|[12]\d|3[0-6]|99)(:(0[1-9]|[12]\d|3[0-6]|99))*$/.test(value),
  "page-options": (value) => /^[^&=]+=[^&=]*(&[^&=]+=[^&=]*)*$/.test(value) && !/\p{Cc}/u.test(value),
};

/** Returns whether a value is valid for its field: its size in code points, and its codec. */
export function fits(value: string, field: RequestField): boolean {
  if (field.size !== null && [...value].length > field.size) return false;
  if (field.pageText && /[:?"&`\n]/.test(value)) return false;
  return checks[field.codec](value, field);
}

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

/** Returns a client's fields for display: secrets are replaced, free text is only counted, unknown names are left out. */
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
