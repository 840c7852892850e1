import iconv from "iconv-lite";

/** How the gateway wrote its text: EUC-KR (read as CP949, its superset) unless UTF-8 was asked for. */
export type Charset = "euc-kr" | "utf-8";

/**
 * Reads bytes as text. It never fails: bytes that mean nothing become U+FFFD, since no text of the gateway's ever
 * decides about money.
 *
 * Node's own `TextDecoder("euc-kr")` knows none of the 8,822 syllables that only CP949 has.
 */
export function decodeText(bytes: Uint8Array, charset: Charset): string {
  if (isAscii(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (charset === "utf-8") return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return iconv.decode(bytes, "cp949", { stripBOM: false }).toWellFormed();
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte < 0x80);
}
