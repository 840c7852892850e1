import iconv from "iconv-lite";

/** The gateway's two character sets; EUC-KR means its superset CP949, which has every Hangul syllable. */
export type Charset = "euc-kr" | "utf-8";

/** A text's bytes. */
export function encodeText(text: string, charset: Charset): Buffer {
  return charset === "utf-8" ? Buffer.from(text) : iconv.encode(text, "cp949");
}

/** Percent-encodes a text's bytes as forms do. */
export function encodeFormValue(text: string, charset: Charset): string {
  return Array.from(encodeText(text, charset), (byte) => {
    const character = String.fromCharCode(byte);
    if (character === " ") return "+";
    return /[A-Za-z0-9*._-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");
}

/** A form body or a query. */
export function encodeForm(
  fields: Iterable<readonly [name: string, value: string]>,
  charset: Charset,
): string {
  return Array.from(fields, ([name, value]) => `${name}=${encodeFormValue(value, charset)}`).join("&");
}
