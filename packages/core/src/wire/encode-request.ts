import type { CheckedConfig } from "../config.js";
import { encryptField } from "../crypto/field-cipher.js";
import { signMixedFields } from "../crypto/signature.js";
import { formatKoreanTime } from "../korean-time.js";
import { type Operation, wireName } from "../operations/index.js";
import type { PlainFields } from "./check-input.js";

/** Fills in the client's fields, encrypts, signs, and encodes the form, in the table's order of fields. */
export function encodeRequest(operation: Operation, caller: PlainFields, config: CheckedConfig): Uint8Array {
  const plain = new Map(caller).set("mid", config.mid).set("timestamp", formatKoreanTime(config.now()));
  const keys = config.fieldKeys();
  const wire = new Map(
    [...plain].map(([name, text]) => [
      name,
      operation.request[name]?.encrypted ? encryptField(text, keys) : text,
    ]),
  );
  wire.set("signature", signMixedFields(signedValues(operation, plain, wire, config)));
  const form = new URLSearchParams();
  for (const [name, field] of Object.entries(operation.request)) {
    const text = wire.get(name);
    if (text !== undefined) form.append(wireName(name, field), text);
  }
  return Buffer.from(form.toString(), "latin1");
}

// The signature covers the plain text of an encrypted field, unless `signedCardNumber` is `ciphertext`.
function signedValues(
  operation: Operation,
  plain: PlainFields,
  wire: PlainFields,
  config: CheckedConfig,
): [name: string, value: string, kind: "clear" | "ciphertext"][] {
  return operation.signed.map((name) => {
    if (name === "mkey") return ["mkey", config.mkey.reveal(), "clear"];
    const field = operation.request[name];
    const asSent = field?.encrypted === true && config.signedCardNumber === "ciphertext";
    const value = (asSent ? wire : plain).get(name) ?? "";
    return [field ? wireName(name, field) : name, value, asSent ? "ciphertext" : "clear"];
  });
}
