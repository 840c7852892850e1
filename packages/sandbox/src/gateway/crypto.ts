import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";
import { type Operation, wireName } from "@payapi/core/operations";
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

/**
 * Whether a request carries the signature that the gateway would compute. `values` holds what is signed under the
 * public names: encrypted fields in the clear, unless the merchant signs ciphertexts.
 */
export function isSignedBy(
  merchant: SandboxMerchant,
  operation: Operation,
  values: ReadonlyMap<string, string>,
  signature: string,
): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const text = operation.signed
    .map((name) => {
      if (name === "mkey") return `mkey=${sha256(merchant.signKey).toString("hex")}`;
      const field = operation.request[name];
      return `${field ? wireName(name, field) : name}=${values.get(name) ?? ""}`;
    })
    .join("&");
  return timingSafeEqual(sha256(text), Buffer.from(signature, "hex"));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
