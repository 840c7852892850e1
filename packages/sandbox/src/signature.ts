import { createHash, timingSafeEqual } from "node:crypto";
import { type Operation, wireName } from "@payapi/core/operations";
import type { SandboxMerchant } from "./merchants.js";

/**
 * Whether a request carries the signature that the gateway would compute. `clear` holds the form's values under
 * their public names, encrypted ones decrypted: the signature covers the clear text.
 */
export function isSignedBy(
  merchant: SandboxMerchant,
  operation: Operation,
  clear: ReadonlyMap<string, string>,
  signature: string,
): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const text = operation.signed
    .map((name) => {
      if (name === "mkey") return `mkey=${sha256(merchant.signKey).toString("hex")}`;
      const field = operation.request[name];
      return `${field ? wireName(name, field) : name}=${clear.get(name) ?? ""}`;
    })
    .join("&");
  return timingSafeEqual(sha256(text), Buffer.from(signature, "hex"));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text, "utf8").digest();
}
