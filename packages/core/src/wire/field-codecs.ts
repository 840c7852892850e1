import { isIPv4 } from "node:net";
import type { Environment } from "../config.js";
import { isSignable } from "../crypto/signature.js";
import { formatKoreanTime, parseKoreanTime } from "../korean-time.js";
import type { LocalizedMessage } from "../language.js";
import { isAmount } from "../money.js";
import type { RequestCodec, RequestField } from "../operations/index.js";
import { revealText } from "../secret.js";
import { fieldMessages as messages, oneOf, tooLong } from "./field-messages.js";

/** The encoded text, or the problem with the value, which never contains the value. */
export type Checked = { readonly text: string } | { readonly wrong: LocalizedMessage };

/** The context of a field. */
export interface FieldPlace {
  readonly signed: boolean;
  readonly environment: Environment;
}

/** Validates a caller's value and encodes it for the gateway. */
export function checkField(field: RequestField, value: unknown, place: FieldPlace): Checked {
  if (value === "" && field.default === "") return { text: "" };
  const checked = checks[field.codec](value, field, place);
  if (!("text" in checked)) return checked;
  if (field.size !== null && [...checked.text].length > field.size) {
    return { wrong: tooLong(field.size) };
  }
  if (field.pageText && /[:?"&`]/.test(checked.text)) {
    return { wrong: messages.notForThePage };
  }
  if (place.signed && !isSignable(checked.text)) return { wrong: messages.notSigned };
  return checked;
}

type Check = (value: unknown, field: RequestField, place: FieldPlace) => Checked;

const checks: Record<RequestCodec, Check> = {
  text: (value, field) => {
    // macOS writes Hangul decomposed, one syllable as several characters.
    const text = revealText(value)?.normalize("NFC");
    if (text === undefined) return { wrong: messages.noText };
    if (field.required && text.trim() === "") return { wrong: messages.empty };
    if (/\p{Cc}/u.test(text)) return { wrong: messages.controlCharacters };
    return text.isWellFormed() ? { text } : { wrong: messages.brokenText };
  },
  word: matching(/^[A-Za-z0-9_-]+$/, messages.noWord),
  amount: (value) => (isAmount(value) ? { text: String(value) } : { wrong: messages.noAmount }),
  "amount-or-zero": (value) =>
    value === 0 || isAmount(value) ? { text: String(value) } : { wrong: messages.noAmountOrZero },
  "card-number": matching(/^\d{13,16}$/, messages.noCardNumber),
  "card-prefix": matching(/^\d{6}$/, messages.noCardPrefix),
  year: numberOrDigits(0, 99, messages.noYear),
  month: numberOrDigits(1, 12, messages.noMonth),
  "regist-no": matching(/^(\d{6}|\d{10})$/, messages.noRegistNo),
  ascii: matching(/^[\x21-\x7e]+$/, messages.noAscii),
  digits: matching(/^\d+$/, messages.noDigits),
  count: (value) => (isAmount(value) ? { text: String(value) } : { wrong: messages.noCount }),
  "korean-date": calendarDate,
  ipv4,
  "merchant-url": merchantUrl,
  "installment-list": installmentList,
  "page-options": matching(
    /^[A-Za-z0-9_]+=[^&=\p{Cc}]*(&[A-Za-z0-9_]+=[^&=\p{Cc}]*)*$/u,
    messages.noPageOptions,
  ),
  "two-digits": matching(/^\d{2}$/, messages.noTwoDigits),
  installments: (value) =>
    value === 0 || (Number.isInteger(value) && (value as number) >= 2 && (value as number) <= 36)
      ? { text: String(value).padStart(2, "0") }
      : { wrong: messages.noInstallments },
  choice: (value, field) => {
    const choices = field.choices ?? {};
    return typeof value === "string" && Object.hasOwn(choices, value)
      ? { text: choices[value] ?? "" }
      : { wrong: oneOf(Object.keys(choices)) };
  },
};

function calendarDate(value: unknown): Checked {
  const text =
    value instanceof Date && Number.isFinite(value.getTime()) ? formatKoreanTime(value).slice(0, 8) : value;
  const digits = typeof text === "string" ? text.replace(/^(\d{4})-(\d{2})-(\d{2})$/, "$1$2$3") : "";
  return parseKoreanTime(digits, "000000") ? { text: digits } : { wrong: messages.noDate };
}

function ipv4(value: unknown): Checked {
  return typeof value === "string" && isIPv4(value) ? { text: value } : { wrong: messages.noIpv4 };
}

function merchantUrl(value: unknown, _field: RequestField, { environment }: FieldPlace): Checked {
  const text = value instanceof URL ? value.href : value;
  if (
    typeof text !== "string" ||
    !/^https?:\/\/[!$&-.0-;=@-[\]_a-z~]+([/?][!$-[\]_a-z~]*)?$/i.test(text) ||
    !URL.canParse(text)
  ) {
    return { wrong: messages.noUrl };
  }
  const url = new URL(text);
  if (/(^|\.)xn--/i.test(url.hostname)) return { wrong: messages.hangulHost };
  const local = environment === "sandbox" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(local && url.protocol === "http:")) return { wrong: messages.noHttps };
  if (url.username || url.password || url.hash) return { wrong: messages.urlParts };
  return { text };
}

function installmentList(value: unknown): Checked {
  const fine = (months: unknown) =>
    Number.isInteger(months) && ((Number(months) >= 1 && Number(months) <= 36) || months === 99);
  // every() skips a hole in an array, which would be encoded as an empty entry.
  const list = Array.isArray(value) ? Array.from<unknown>(value) : [];
  return list.length > 0 && list.every(fine)
    ? { text: list.map((months) => String(months).padStart(2, "0")).join(":") }
    : { wrong: messages.noInstallmentList };
}

function matching(pattern: RegExp, wrong: LocalizedMessage): (value: unknown) => Checked {
  return (value) => {
    const text = revealText(value);
    return text !== undefined && pattern.test(text) ? { text } : { wrong };
  };
}

function numberOrDigits(least: number, most: number, wrong: LocalizedMessage): (value: unknown) => Checked {
  return (value) => {
    const text = typeof value === "number" ? String(value) : revealText(value);
    if (text === undefined || !/^\d{1,2}$/.test(text)) return { wrong };
    return Number(text) >= least && Number(text) <= most ? { text: text.padStart(2, "0") } : { wrong };
  };
}
