import { createHash } from "node:crypto";

/** Returns the `mkey` of every signature: SHA-256 of the sign key, in lower-case hex. Protect it like the sign key. */
export function hashSignKey(signKey: string): string {
  return sha256Hex(signKey);
}

/**
 * Signs name and value pairs: SHA-256 over `name=value&name=value…`, with raw values (not URL-encoded), in
 * the given order, in lower-case hex.
 *
 * @throws RangeError if a name or value contains `&`, `=` or a control character, since two different
 *   inputs could then have the same signed text. The message names the field and never contains its value.
 */
export function signFields(pairs: Iterable<readonly [name: string, value: string]>): string {
  return signMixedFields(Array.from(pairs, ([name, value]) => [name, value, "clear"] as const));
}

/**
 * Signs like {@link signFields}, for pairs with Base64 ciphertexts, which may contain `=`. They cannot make the signed text
 * ambiguous, since callers do not choose them.
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

/** Returns whether a signed text stays unambiguous with the value. */
export function isSignable(value: string): boolean {
  return !/[&=]|\p{Cc}/u.test(value) && value.isWellFormed();
}

function sha256Hex(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
