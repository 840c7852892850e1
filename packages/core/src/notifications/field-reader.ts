import { readPriceText, unpadded } from "../as-meant.js";
import { parseKoreanTime } from "../korean-time.js";
import { maskCardNumbers } from "../secret.js";
import {
  type Charset,
  decodeText,
  decodeTwice,
  type Fields,
  type FormBytes,
  readDisplayText,
  readFields,
} from "./form.js";
import { isNotificationError, NotificationError, type NotificationProblem } from "./notification-error.js";

const patterns = {
  id: /^[\x21-\x7e]{1,40}$/,
  tid: /^[\x21-\x7e]{1,40}$/,
  order: /^[^\p{Cc}]{1,64}$/u,
  code: /^[A-Za-z0-9_-]{1,20}$/,
} as const;

type Pattern = keyof typeof patterns;

/**
 * Reads a notification's fields one by one, as they are meant: the blanks around a value are not part of it, codes may have capital or small
 * letters, and amounts may be padded. An empty field counts as missing.
 */
export class FieldReader {
  readonly #form: FormBytes;
  readonly #charset: Charset;

  constructor(form: FormBytes, charset: Charset) {
    this.#form = form;
    this.#charset = charset;
  }

  /** Reads a required field. */
  required(name: string, pattern: Pattern): string {
    const text = this.text(name);
    if (text === "") throw new NotificationError("missing-field", "is missing", name);
    if (!patterns[pattern].test(text)) throw new NotificationError("invalid-field", "is invalid", name);
    return text;
  }

  /** Reads an optional field; `undefined` if it is missing, unreadable or a card number. */
  optional(name: string, pattern: Pattern): string | undefined {
    const text = this.text(name);
    return patterns[pattern].test(text) && !isStray(text, pattern) ? text : undefined;
  }

  /** Reads an optional code of a table, in the table's capital letters. */
  code(name: string): string | undefined {
    return this.optional(name, "code")?.toUpperCase();
  }

  /** Reads an amount in won, above 0. */
  requiredPrice(name: string): number {
    const text = this.required(name, "order");
    const price = readPriceText(text);
    if (price === undefined) throw new NotificationError("invalid-field", "is invalid", name);
    return price;
  }

  /** Reads an amount that may be missing, but not unreadable. */
  optionalPrice(name: string): number | undefined {
    return this.text(name) === "" ? undefined : this.requiredPrice(name);
  }

  /**
   * Reads the number of a virtual account, which may stand in several places. Hyphens and blanks are not part of it.
   *
   * @throws NotificationError if the places contradict each other, or if one has no number
   */
  account(...texts: readonly (readonly [name: string, text: string])[]): string | undefined {
    let found: string | undefined;
    for (const [name, text] of texts) {
      if (text === "") continue;
      const digits = text.replace(/[ -]/g, "");
      if (!/^\d{1,30}$/.test(digits)) throw new NotificationError("invalid-field", "is invalid", name);
      // No bank's account has as many digits as these; a card number must not become an account number.
      if (digits.length >= 15 && maskCardNumbers(digits) !== digits) {
        throw new NotificationError("invalid-field", "is invalid", name);
      }
      if (found !== undefined && found !== digits) {
        throw new NotificationError("ambiguous", "contradicts another field", name);
      }
      found = digits;
    }
    return found;
  }

  /** Reads a yes or no that is written as 1 or 0. */
  flag(name: string): boolean | undefined {
    const text = this.text(name);
    return text === "1" ? true : text === "0" ? false : undefined;
  }

  /** Runs a part of the reading, and returns its problem if it fails, or one that is known before. */
  attempt<T>(
    read: () => T,
    problem?: NotificationProblem,
  ): { readonly value: T } | { readonly problem: NotificationProblem } {
    if (problem !== undefined) return { problem };
    try {
      return { value: read() };
    } catch (error) {
      if (isNotificationError(error)) return { problem: problemOf(error) };
      throw error;
    }
  }

  /** The error of a code that the guide does not list. */
  unrecognised(name: string): NotificationError {
    return new NotificationError("unrecognised", "is not a code of the guide", name);
  }

  /** Reads a Korean time from `YYYYMMDD` and `hhmmss`, in one field or two. */
  time(...names: readonly string[]): Date | undefined {
    const digits = names.map((name) => this.text(name)).join("");
    return parseKoreanTime(digits.slice(0, 8), digits.slice(8));
  }

  displayText(name: string): string {
    return readDisplayText(this.#form.get(name), this.#charset);
  }

  /** Reads a text that the gateway may have URL-encoded twice. */
  wholeText(name: string): string {
    const bytes = this.#form.get(name);
    return bytes === undefined ? "" : decodeTwice(bytes, this.#charset);
  }

  all(): Fields {
    return readFields(this.#form, this.#charset);
  }

  /** Reads a value without the blanks around it; `""` if it is missing. */
  text(name: string): string {
    const bytes = this.#form.get(name);
    return bytes === undefined ? "" : unpadded(decodeText(bytes, this.#charset));
  }
}

/** Returns a problem without the error that reported it. */
export function problemOf({ code, field }: NotificationProblem): NotificationProblem {
  return field === undefined ? { code } : { code, field };
}

/** One order number in ten looks like a card number, and so do digits of one transaction id in twenty. */
function isStray(text: string, pattern: Pattern): boolean {
  if (pattern === "order") return false;
  const masked = maskCardNumbers(text);
  return pattern === "tid" ? masked === "[redacted]" : masked !== text;
}

/** Returns whether a text may be part of a stored and logged key. */
export function isPlainKeyPart(text: string): boolean {
  return /^[A-Za-z0-9_.-]{0,40}$/.test(text) && maskCardNumbers(text) === text;
}
