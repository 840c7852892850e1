import { createHash, timingSafeEqual } from "node:crypto";
import { type Operation, wireName } from "@payapi/core/operations";
import type { SandboxMerchant } from "./merchants.js";

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
