import iconv from "iconv-lite";
import { maskCardNumbers, Secret } from "../secret.js";

/** The values of a form by name, as bytes: `+` and `%XX` are decoded, the charset is not. */
export type FormBytes = ReadonlyMap<string, Uint8Array>;

/** Every field as received, by name. Possible card numbers are {@link Secret}s. */
export type Fields = ReadonlyMap<string, string | Secret>;

/** The reason why a body is not a readable form. */
export interface FormProblem {
  readonly code: "too-large" | "malformed" | "duplicate-field";
  /** The field with the problem, if any. */
  readonly field?: string;
  readonly message: string;
  /** The values that can be stored all the same; other values of a name are kept as `name 2`, by the place in the form. */
  readonly pairs: FormBytes;
}

// The longest notification of the guide has 5,000 and 4,000 characters in two fields, of nine bytes each.
const limits = { bytes: 128 * 1024, pairs: 200, nameBytes: 100 };

/** The maximum number of bytes. */
export const formLimit = limits.bytes;

/** The maximum number of fields. */
export const formFieldLimit = limits.pairs;

const ampersand = 0x26;
const equals = 0x3d;
const plus = 0x2b;
const percent = 0x25;

/**
 * Splits a body at `&` and at each pair's first `=`, in one pass over its bytes. (Neither byte occurs inside a character
 * of CP949 or UTF-8, so this works before the charset is known.) A name that stands twice with the same value is one field; with
 * different values it has two meanings, and the form is rejected.
 *
 * @param escapes `form` decodes `+` and `%XX`; `none` keeps every byte unchanged
 */
export function splitForm(body: Uint8Array, escapes: "form" | "none"): FormBytes | FormProblem {
  const wholeBody = (code: "too-large" | "malformed", message: string): FormProblem => ({
    code,
    message,
    pairs: new Map([["(body)", body]]),
  });
  if (body.byteLength > limits.bytes) return wholeBody("too-large", `has more than ${limits.bytes} bytes`);
  if (!body.includes(equals)) return wholeBody("malformed", "has no name=value pair");
  const pairs = new Map<string, Uint8Array>();
  const meant = new Map<string, Uint8Array>();
  let count = 0;
  let twice: string | undefined;
  for (let start = hasByteOrderMark(body) ? 3 : 0; start < body.byteLength; ) {
    const end = indexOrEnd(body, ampersand, start, body.byteLength);
    const middle = indexOrEnd(body, equals, start, end);
    if (end > start) {
      count += 1;
      if (count > limits.pairs) return wholeBody("too-large", `has more than ${limits.pairs} fields`);
      const nameBytes = trimBytes(unescaped(body.subarray(start, middle), escapes));
      const name = nameBytes.byteLength > limits.nameBytes ? "" : nameText(nameBytes);
      // Names are written to logs and errors, so they must not contain card numbers.
      if (name === "" || maskCardNumbers(name) !== name) {
        // The line end after a last "&" is no field.
        if (nameBytes.byteLength > 0 || middle < end) {
          return wholeBody("malformed", "has a field whose name is empty, too long, or a card number");
        }
      } else {
        const value = unescaped(body.subarray(middle + 1, end), escapes);
        const trimmed = trimBytes(value);
        const first = meant.get(name);
        if (first === undefined) {
          meant.set(name, trimmed);
          pairs.set(name, value);
        } else if (Buffer.compare(first, trimmed) !== 0) {
          twice ??= name;
          // No field has such a name, since a blank in a name is written as %20.
          pairs.set(`${name} ${count}`, value);
        }
      }
    }
    start = end + 1;
  }
  if (twice !== undefined) {
    return { code: "duplicate-field", field: twice, message: "occurs twice with different values", pairs };
  }
  return pairs.size > 0 ? pairs : wholeBody("malformed", "has no name=value pair");
}

/** Returns whether {@link splitForm} rejected the body. */
export function isFormProblem(form: FormBytes | FormProblem): form is FormProblem {
  return "code" in form;
}

function hasByteOrderMark(body: Uint8Array): boolean {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
}

function indexOrEnd(body: Uint8Array, byte: number, start: number, end: number): number {
  const index = body.subarray(start, end).indexOf(byte);
  return index < 0 ? end : start + index;
}

function unescaped(bytes: Uint8Array, escapes: "form" | "none"): Uint8Array {
  return escapes === "form" ? unescapeBytes(bytes) : bytes;
}

/** Removes blanks and line ends around a value. */
export function trimBytes(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.byteLength;
  while (start < end && isBlank(bytes[start])) start += 1;
  while (end > start && isBlank(bytes[end - 1])) end -= 1;
  return bytes.subarray(start, end);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d || byte === 0;
}

/** Decodes `+` and `%XX`; other `%` stay unchanged. */
export function unescapeBytes(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let index = 0; index < bytes.byteLength; index += 1) {
    const byte = bytes[index] ?? 0;
    const high = byte === percent ? hexDigit(bytes[index + 1]) : undefined;
    const low = high === undefined ? undefined : hexDigit(bytes[index + 2]);
    if (high !== undefined && low !== undefined) {
      decoded[length] = high * 16 + low;
      index += 2;
    } else {
      decoded[length] = byte === plus ? 0x20 : byte;
    }
    length += 1;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}

// Different bytes always give different names: bytes outside plain ASCII, and % itself, are written as %XX.
function nameText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    const plain = byte > 0x20 && byte < 0x7f && byte !== percent;
    text += plain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}

const cardFields = /card_?(num|no$)/i;

/** Decodes a text that the gateway may have URL-encoded twice. */
export function decodeTwice(bytes: Uint8Array, charset: Charset): string {
  const once = decodeText(bytes, charset);
  return /%[0-9a-f]{2}/i.test(once) ? decodeText(unescapeBytes(bytes), charset) : once;
}

/** Returns every value as text; card numbers and the fields listed in `secret` become {@link Secret}s. */
export function readFields(form: FormBytes, charset: Charset, secret: readonly string[] = []): Fields {
  return new Map(
    Array.from(form, ([name, bytes]) => {
      const text = decodeText(bytes, charset);
      const hidden = secret.includes(name) || cardFields.test(name) || maskCardNumbers(text) !== text;
      return [name, hidden && text !== "" ? new Secret(text) : text];
    }),
  );
}

/** Reads a text for display. It is shown and logged, so card numbers and line breaks are masked. */
export function readDisplayText(bytes: Uint8Array | undefined, charset: Charset): string {
  if (bytes === undefined) return "";
  const text = decodeTwice(bytes, charset);
  // Cut after masking: half a card number would not be recognised.
  return maskCardNumbers(text.replace(/\p{Cc}+/gu, " "))
    .slice(0, 500)
    .toWellFormed()
    .trim();
}

/** The charset of the gateway's text: EUC-KR (read as its superset CP949) unless UTF-8 was requested. */
export type Charset = "euc-kr" | "utf-8";

/**
 * Decodes bytes. Never fails: invalid bytes become U+FFFD, since no decision about money depends on the gateway's text.
 *
 * Node's `TextDecoder("euc-kr")` lacks the 8,822 syllables that only CP949 has.
 */
export function decodeText(bytes: Uint8Array, charset: Charset): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (charset === "utf-8") return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return iconv.decode(bytes, "cp949", { stripBOM: false }).toWellFormed();
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
