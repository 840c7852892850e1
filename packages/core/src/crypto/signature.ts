import { createHash } from "node:crypto";

/** The `mkey` that goes into every signature: SHA-256 of the sign key, in lower-case hex. Treat it like the sign key. */
export function hashSignKey(signKey: string): string {
  return sha256Hex(signKey);
}

/**
 * Signs name and value pairs: SHA-256 over `name=value&name=value…`, values as they are (not URL-encoded), in
 * the order given, in lower-case hex.
 *
 * @throws RangeError if a name or value contains `&`, `=` or a control character, with which two different
 *   inputs could sign the same text. The message names the field and never its value.
 */
export function signFields(pairs: Iterable<readonly [name: string, value: string]>): string {
  return signMixedFields(Array.from(pairs, ([name, value]) => [name, value, "clear"] as const));
}

/**
 * Signs like {@link signFields}, for pairs of which some values are Base64 ciphertexts: these may contain `=`, and
 * cannot make a text ambiguous, since they hold nothing that a caller chose freely.
 */
export function signMixedFields(
  pairs: Iterable<readonly [name: string, value: string, kind: "clear" | "ciphertext"]>,
): string {
  const parts: string[] = [];
  for (const [name, value, kind] of pairs) {
    const fine = kind === "clear" ? isSignable(value) : /^[A-Za-z0-9+/]+={0,2}$/.test(value);
    if (!isSignable(name) || !fine) {
      throw new RangeError(
        `The signed field ${JSON.stringify(name)} must not contain "&", "=" or control characters.`,
      );
    }
    parts.push(`${name}=${value}`);
  }
  return sha256Hex(parts.join("&"));
}

/** Whether a value can stand in a signed text without making it ambiguous. */
export function isSignable(value: string): boolean {
  return !/[&=]|\p{Cc}/u.test(value) && value.isWellFormed();
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
