import { createDecipheriv } from "node:crypto";
import type { SandboxMerchant } from "./merchants.js";

/** The plain text of an encrypted field, or `undefined` if it was not made with the merchant's key, iv and padding. */
export function decryptField(base64: string, merchant: SandboxMerchant): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  // Buffer's decoder skips what it does not know; only the canonical spelling may pass.
  if (bytes.length === 0 || bytes.length % 16 !== 0 || bytes.toString("base64") !== base64) return undefined;
  const decipher = createDecipheriv(
    "aes-256-cbc",
    Buffer.from(merchant.fieldKey, "latin1"),
    Buffer.from(merchant.fieldIv, "latin1"),
  );
  try {
    const plain = Buffer.concat([decipher.update(bytes), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}
