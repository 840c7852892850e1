import { isIPv4 } from "node:net";
import type { Environment } from "../config.js";
import { isSignable } from "../crypto/signature.js";
import { formatKoreanTime, parseKoreanTime } from "../korean-time.js";
import { isAmount } from "../money.js";
import type { RequestCodec, RequestField } from "../operations/index.js";
import { revealText } from "../secret.js";

/** The wire text, or what is wrong with the value; never the value itself. */
export type Checked = { readonly text: string } | { readonly message: string };

/** Where a field stands. */
export interface FieldPlace {
  readonly signed: boolean;
  readonly environment: Environment;
}

/** Checks one value a caller gave and writes it as the gateway takes it. */
export function checkField(field: RequestField, value: unknown, place: FieldPlace): Checked {
  if (value === "" && field.default === "") return { text: "" };
  const checked = checks[field.codec](value, field, place);
  if (!("text" in checked)) return checked;
  if (field.size !== null && [...checked.text].length > field.size) {
    return { message: `must have at most ${field.size} characters` };
  }
  if (field.pageText && /[:?"&`]/.test(checked.text)) {
    return { message: 'must not contain : ? " & or `, which the payment page does not take' };
  }
  if (place.signed && !isSignable(checked.text))
    return { message: 'must not contain "&" or "=", since it is signed' };
  return checked;
}

type Check = (value: unknown, field: RequestField, place: FieldPlace) => Checked;

const checks: Record<RequestCodec, Check> = {
  text: (value, field) => {
    const text = revealText(value);
    if (text === undefined) return { message: "must be text" };
    if (field.required && text.trim() === "") return { message: "must not be empty" };
    if (/\p{Cc}/u.test(text)) return { message: "must not contain control characters, such as a line break" };
    return text.isWellFormed() ? { text } : { message: "contains half of a character pair" };
  },
  word: matching(/^[A-Za-z0-9_-]+$/, "must be letters, digits, _ or -"),
  amount: (value) =>
    isAmount(value)
      ? { text: String(value) }
      : { message: "must be an amount above 0, as a whole number (not text)" },
  "amount-or-zero": (value) =>
    value === 0 || isAmount(value)
      ? { text: String(value) }
      : { message: "must be an amount, as a whole number (not text)" },
  "card-number": matching(/^\d{13,16}$/, "must be 13 to 16 digits without spaces or hyphens"),
  "card-prefix": matching(/^\d{6}$/, "must be exactly the first 6 digits of the card number"),
  year: numberOrDigits(0, 99, "must be the last two digits of the year"),
  month: numberOrDigits(1, 12, "must be a month from 1 to 12"),
  "regist-no": matching(
    /^(\d{6}|\d{10})$/,
    "must be a birth date of 6 digits or a business number of 10 digits",
  ),
  ascii: matching(/^[\x21-\x7e]+$/, "must be printable ASCII without blanks, and not empty"),
  digits: matching(/^\d+$/, "must be digits without blanks or hyphens"),
  count: (value) =>
    isAmount(value) ? { text: String(value) } : { message: "must be a whole number above 0 (not text)" },
  "korean-date": calendarDate,
  ipv4,
  "merchant-url": merchantUrl,
  "installment-list": installmentList,
  "page-options": matching(
    /^[A-Za-z0-9_]+=[^&=\p{Cc}]*(&[A-Za-z0-9_]+=[^&=\p{Cc}]*)*$/u,
    "must be name=value pairs joined with &",
  ),
  "two-digits": matching(/^\d{2}$/, "must be exactly 2 digits"),
  installments: (value) =>
    value === 0 || (Number.isInteger(value) && (value as number) >= 2 && (value as number) <= 36)
      ? { text: String(value).padStart(2, "0") }
      : { message: "must be 0 for a lump sum, or a number of months from 2 to 36" },
  choice: (value, field) => {
    const choices = field.choices ?? {};
    return typeof value === "string" && Object.hasOwn(choices, value)
      ? { text: choices[value] ?? "" }
      : {
          message: `must be one of ${Object.keys(choices)
            .map((choice) => `"${choice}"`)
            .join(", ")}`,
        };
  },
};

function calendarDate(value: unknown): Checked {
  const text =
    value instanceof Date && Number.isFinite(value.getTime()) ? formatKoreanTime(value).slice(0, 8) : value;
  const digits = typeof text === "string" ? text.replace(/^(\d{4})-(\d{2})-(\d{2})$/, "$1$2$3") : "";
  return parseKoreanTime(digits, "000000")
    ? { text: digits }
    : { message: "must be a Date, or a calendar date such as 2026-11-21" };
}

function ipv4(value: unknown): Checked {
  return typeof value === "string" && isIPv4(value)
    ? { text: value }
    : { message: "must be an IPv4 address such as 203.0.113.7" };
}

function merchantUrl(value: unknown, _field: RequestField, { environment }: FieldPlace): Checked {
  const text = value instanceof URL ? value.href : value;
  if (
    typeof text !== "string" ||
    !/^https?:\/\/[!$&-.0-;=@-[\]_a-z~]+([/?][!$-[\]_a-z~]*)?$/i.test(text) ||
    !URL.canParse(text)
  ) {
    return { message: "must be a full URL in ASCII; the gateway takes no Hangul host" };
  }
  const url = new URL(text);
  if (/(^|\.)xn--/i.test(url.hostname))
    return { message: "must have no Hangul host, which the gateway does not take" };
  const local = environment === "sandbox" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(local && url.protocol === "http:")) return { message: "must be https" };
  if (url.username || url.password || url.hash) return { message: "must have no user, password or fragment" };
  return { text };
}

function installmentList(value: unknown): Checked {
  const fine = (months: unknown) =>
    Number.isInteger(months) && ((Number(months) >= 1 && Number(months) <= 36) || months === 99);
  // A hole in an array is skipped by every(), but would be written as an empty entry.
  const list = Array.isArray(value) ? Array.from<unknown>(value) : [];
  return list.length > 0 && list.every(fine)
    ? { text: list.map((months) => String(months).padStart(2, "0")).join(":") }
    : { message: "must list numbers of months: 1 for a lump sum, 2 to 36, or 99 to take the lump sum away" };
}

function matching(pattern: RegExp, message: string): (value: unknown) => Checked {
  return (value) => {
    const text = revealText(value);
    return text !== undefined && pattern.test(text) ? { text } : { message };
  };
}

function numberOrDigits(least: number, most: number, message: string): (value: unknown) => Checked {
  return (value) => {
    const text = typeof value === "number" ? String(value) : revealText(value);
    if (text === undefined || !/^\d{1,2}$/.test(text)) return { message };
    return Number(text) >= least && Number(text) <= most ? { text: text.padStart(2, "0") } : { message };
  };
}
