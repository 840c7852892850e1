import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { isSecret, Secret } from "@payapi/core";
import type { OrphanState } from "../domain/billing-key.js";
import { LedgerError } from "../errors.js";

/** Which orphans to list (default: all). */
export interface OrphanPage {
  /** The time at which deadlines are compared. */
  readonly now: Date;
  readonly limit?: number;
  /** Only orphans with lower positions. */
  readonly before?: number;
  readonly state?: OrphanState;
}

/** How many keys one secret encrypts. */
export interface EncryptedCount {
  readonly fingerprint: string;
  readonly keys: number;
}

/** Encrypts billing keys for storage, and decrypts them. */
export interface KeyVault {
  encrypt(billkey: Secret, place: EncryptedPlace): string;
  /** @throws LedgerError `unreadable-key` */
  decrypt(encryptedKey: string, place: EncryptedPlace): Secret;
  /** The beginning of every key that is encrypted with the current secret. */
  readonly prefix: string;
  /** The role of the secret with this fingerprint; `undefined` if the vault does not have it. */
  roleOf(fingerprint: string): "current" | "previous" | undefined;
}

/** The row that an encrypted key is bound to: moved to another row, it can't be decrypted. */
export interface EncryptedPlace {
  readonly mid: string;
  readonly rowId: string;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Creates a vault that encrypts with AES-256-GCM and the current secret. An encrypted key is `<fingerprint of the secret>:<nonce>:<ciphertext and
 * tag>`, so that keys of a previous secret stay readable until they are re-encrypted.
 *
 * @param secrets of 32 bytes each, the current one first
 */
export function createKeyVault(secrets: readonly [Buffer, ...Buffer[]]): KeyVault {
  const byFingerprint = new Map(secrets.map((secret) => [fingerprintOf(secret), secret]));
  const [current] = secrets;
  const newest = fingerprintOf(current);
  const prefix = `${newest}:`;
  return {
    prefix,

    roleOf(fingerprint) {
      if (fingerprint === newest) return "current";
      return byFingerprint.has(fingerprint) ? "previous" : undefined;
    },

    encrypt(billkey, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, current, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(place));
      const ciphertext = [cipher.update(billkey.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${prefix}${nonce.toString("base64url")}:${Buffer.concat(ciphertext).toString("base64url")}`;
    },

    decrypt(encryptedKey, place) {
      const [fingerprint = "", nonce = "", text = ""] = encryptedKey.split(":");
      const secret = byFingerprint.get(fingerprint);
      if (secret === undefined) throw underAnotherSecret();
      const bytes = Buffer.from(text, "base64url");
      try {
        const decipher = createDecipheriv(algorithm, secret, Buffer.from(nonce, "base64url"), {
          authTagLength: tagBytes,
        });
        decipher.setAAD(boundTo(place));
        decipher.setAuthTag(bytes.subarray(-tagBytes));
        return new Secret(
          Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]).toString("utf8"),
        );
      } catch {
        // The cipher's own error says nothing more.
        throw new LedgerError(
          "unreadable-key",
          "A stored billing key can't be decrypted: its row was changed, or the key was moved from another row",
        );
      }
    },
  };
}

/** Identifies a secret without revealing it. */
function fingerprintOf(secret: Buffer): string {
  return createHash("sha256").update("payapi ledger secret").update(secret).digest("hex").slice(0, 16);
}

function boundTo({ mid, rowId }: EncryptedPlace): Buffer {
  return Buffer.from(JSON.stringify(["payapi billing key", mid, rowId]));
}

function underAnotherSecret(): LedgerError {
  return new LedgerError(
    "unreadable-key",
    "A stored billing key is encrypted with a secret that the ledger does not have: add that secret to `secrets.previous`",
  );
}

/** Secrets that encrypt billing keys. Each is 32 random bytes, as base64 (44 characters) or hex (64 characters). */
export interface LedgerSecrets {
  /** Encrypts and decrypts. Generate one with `openssl rand -base64 32`. */
  readonly current: string | Secret;
  /** Only decrypt. Needed until `keys.rotateSecrets()` has re-encrypted every key (default: none). */
  readonly previous?: readonly (string | Secret)[];
}

/** @throws LedgerError `invalid-argument`; the message reveals nothing about the secret */
export function secretBytes({ current, previous = [] }: LedgerSecrets): [Buffer, ...Buffer[]] {
  return [bytesOf("secrets.current", current), ...previous.map((each) => bytesOf("secrets.previous", each))];
}

/**
 * Checks the format of secrets, without a database; for programs that read them from the environment.
 *
 * @throws LedgerError `invalid-argument`; the message reveals nothing about the secret
 */
export function checkLedgerSecrets(secrets: LedgerSecrets): void {
  secretBytes(secrets);
}

function bytesOf(name: string, secret: string | Secret): Buffer {
  const text = isSecret(secret) ? secret.reveal() : secret;
  if (typeof text === "string" && /^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (typeof text === "string" && /^[A-Za-z0-9+/]{43}=$/.test(text)) return Buffer.from(text, "base64");
  throw new LedgerError(
    "invalid-argument",
    `${name} must be 32 bytes as base64 (44 characters) or hex (64 characters): generate it with openssl rand -base64 32`,
  );
}
