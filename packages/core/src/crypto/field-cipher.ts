import { createCipheriv, createDecipheriv } from "node:crypto";

/** The gateway's keys for the encryption of fields. */
export interface FieldKeys {
  /** 32 ASCII characters as issued (not hex-decoded). */
  readonly key: string;
  /** 16 ASCII characters as issued. */
  readonly iv: string;
}

/**
 * Encrypts one field: AES-256-CBC, PKCS#7 padding, text as UTF-8, result in standard Base64.
 *
 * The iv is fixed per merchant, so equal texts give equal results: protect the result like the text itself.
 *
 * @throws RangeError if the key or the iv has another length. The message never contains a value.
 * @see docs/gateway/contract.md, "Field encryption"
 */
export function encryptField(plain: string, keys: FieldKeys): string {
  const { key, iv } = checkedKeys(keys);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  return Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]).toString("base64");
}

/**
 * Decrypts a field that {@link encryptField} encrypted.
 *
 * @throws RangeError if the key or the iv has another length, or if the text is not a valid ciphertext.
 */
export function decryptField(encrypted: string, keys: FieldKeys): string {
  const { key, iv } = checkedKeys(keys);
  try {
    const decipher = createDecipheriv("aes-256-cbc", key, iv);
    const bytes = Buffer.concat([decipher.update(encrypted, "base64"), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // OpenSSL's own error distinguishes padding and length errors, which helps only an attacker.
    throw new RangeError("The text is not a field encrypted with this key and iv.");
  }
}

function checkedKeys({ key, iv }: FieldKeys): { key: Buffer; iv: Buffer } {
  return { key: asciiBytes("key", key, 32), iv: asciiBytes("iv", iv, 16) };
}

function asciiBytes(name: string, value: string, length: number): Buffer {
  if (!isAscii(value, length)) {
    throw new RangeError(
      `The field ${name} must be the ${length} ASCII characters as issued by the gateway, not decoded from hex or Base64.`,
    );
  }
  return Buffer.from(value, "latin1");
}

/** Returns whether the value is a string of exactly `length` printable ASCII characters. */
export function isAscii(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === length && /^[\x21-\x7e]*$/.test(value);
}
