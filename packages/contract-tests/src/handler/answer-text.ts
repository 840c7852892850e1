import { isUtf8 } from "node:buffer";

/** Bytes as text without loss: bytes that are not UTF-8 become `\xb0`. */
export function readableText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  return bytes
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
