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
  const parts: string[] = [];
  for (const [name, value] of pairs) {
    if (!isSignable(name) || !isSignable(value)) {
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
