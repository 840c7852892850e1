import type { CheckedConfig } from "../config.js";
import { encryptField } from "../crypto/field-cipher.js";
import { signFields } from "../crypto/signature.js";
import { formatKoreanTime } from "../korean-time.js";
import { type Operation, wireName } from "../operations/index.js";
import type { PlainFields } from "./check-input.js";

/** Fills in what the client knows, signs, encrypts, and writes the form, fields in the table's order. */
export function encodeRequest(operation: Operation, caller: PlainFields, config: CheckedConfig): Uint8Array {
  const plain = new Map(caller).set("mid", config.mid).set("timestamp", formatKoreanTime(config.now()));
  plain.set("signature", signFields(signedPairs(operation, plain, config)));
  const keys = config.fieldKeys();
  const form = new URLSearchParams();
  for (const [name, field] of Object.entries(operation.request)) {
    const text = plain.get(name);
    if (text === undefined) continue;
    form.append(wireName(name, field), field.encrypted ? encryptField(text, keys) : text);
  }
  return Buffer.from(form.toString(), "latin1");
}

// Signatures are taken over the plain values, also where the field itself is sent encrypted.
function signedPairs(operation: Operation, plain: PlainFields, config: CheckedConfig): [string, string][] {
  return operation.signed.map((name) => {
    if (name === "mkey") return ["mkey", config.mkey.reveal()];
    const field = operation.request[name];
    return [field ? wireName(name, field) : name, plain.get(name) ?? ""];
  });
}
