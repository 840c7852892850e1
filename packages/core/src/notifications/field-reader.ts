import { parseKoreanTime } from "../korean-time.js";
import { isAmount } from "../money.js";
import { maskCardNumbers } from "../secret.js";
import {
  type Charset,
  decodeText,
  type Fields,
  type FormBytes,
  readDisplayText,
  readFields,
} from "./form.js";
import { isNotificationError, NotificationError } from "./notification-error.js";

const patterns = {
  id: /^[\x21-\x7e]{1,40}$/,
  tid: /^[\x21-\x7e]{1,40}$/,
  order: /^[^\p{Cc}]{1,64}$/u,
  code: /^[A-Za-z0-9_-]{1,20}$/,
  account: /^[0-9-]{1,30}$/,
  won: /^[1-9]\d{0,9}$/,
} as const;

type Pattern = keyof typeof patterns;

/** Reads a notification's fields one by one; an empty field counts as missing. */
export class FieldReader {
  readonly #form: FormBytes;
  readonly #charset: Charset;

  constructor(form: FormBytes, charset: Charset) {
    this.#form = form;
    this.#charset = charset;
  }

  /** Reads a required field. */
  required(name: string, pattern: Pattern): string {
    const text = this.#text(name);
    if (text === "") throw new NotificationError("missing-field", "is missing", name);
    if (!patterns[pattern].test(text)) throw new NotificationError("invalid-field", "is invalid", name);
    return text;
  }

  /** Reads an optional field; `undefined` if it is missing, unreadable or a card number. */
  optional(name: string, pattern: Pattern): string | undefined {
    const text = this.#text(name);
    return patterns[pattern].test(text) && !isStray(text, pattern) ? text : undefined;
  }

  /** Reads an amount in won, above 0. `1e3`, `01000`, `1,000` and `1000원` are invalid. */
  requiredAmount(name: string): number {
    return Number(this.required(name, "won"));
  }

  optionalAmount(name: string): number | undefined {
    const amount = Number(this.optional(name, "won"));
    return isAmount(amount) ? amount : undefined;
  }

  /** Reads values that may be missing or invalid together; an operator must then review the notification. */
  readable<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (isNotificationError(error)) return undefined;
      throw error;
    }
  }

  /** Reads a Korean time from `YYYYMMDD` and `hhmmss`, in one field or two. */
  time(...names: readonly string[]): Date | undefined {
    const digits = names.map((name) => this.#text(name)).join("");
    return parseKoreanTime(digits.slice(0, 8), digits.slice(8));
  }

  displayText(name: string): string {
    return readDisplayText(this.#form.get(name), this.#charset);
  }

  all(): Fields {
    return readFields(this.#form, this.#charset);
  }

  /** Returns the key that repeats of an event share, from raw fields. */
  text(name: string): string {
    return this.#text(name);
  }

  #text(name: string): string {
    const bytes = this.#form.get(name);
    return bytes === undefined ? "" : decodeText(bytes, this.#charset);
  }
}

/** One account number in ten looks like a card number, and so do digits of one transaction id in twenty. */
function isStray(text: string, pattern: Pattern): boolean {
  if (pattern === "account" || pattern === "order") return false;
  const masked = maskCardNumbers(text);
  return pattern === "tid" ? masked === "[redacted]" : masked !== text;
}

/** Returns whether a text may be part of a stored and logged key. */
export function isPlainKeyPart(text: string): boolean {
  return /^[A-Za-z0-9_.-]{0,40}$/.test(text) && maskCardNumbers(text) === text;
}
