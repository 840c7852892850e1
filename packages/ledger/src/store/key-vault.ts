import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { Secret } from "@payapi/core";
import { LedgerError } from "../errors.js";

/** Turns billing keys into texts that may be stored, and back. */
export interface KeyVault {
  seal(billkey: Secret, place: SealedPlace): string;
  /** @throws LedgerError `unreadable-key` */
  open(sealed: string, place: SealedPlace): Secret;
  /** What a text begins with that is sealed as it would be today. */
  readonly prefix: string;
  /** Which of its secrets has this fingerprint; `undefined` if none. */
  roleOf(fingerprint: string): "current" | "previous" | undefined;
}

/** Where a sealed key belongs: moved to another row it cannot be opened. */
export interface SealedPlace {
  readonly mid: string;
  readonly rowId: string;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM under the current secret. A sealed key is `<fingerprint of the secret>:<nonce>:<ciphertext and tag>`, so that
 * those under a previous secret stay readable until they are sealed anew.
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

    seal(billkey, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, current, nonce, { authTagLength: tagBytes });
      cipher.setAAD(boundTo(place));
      const ciphertext = [cipher.update(billkey.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()];
      return `${prefix}${nonce.toString("base64url")}:${Buffer.concat(ciphertext).toString("base64url")}`;
    },

    open(sealed, place) {
      const [fingerprint = "", nonce = "", text = ""] = sealed.split(":");
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
        // What went wrong inside the cipher says no more than that the bytes are not those that were sealed.
        throw new LedgerError(
          "unreadable-key",
          "A stored billing key was changed, or moved from another row",
        );
      }
    },
  };
}

/** Long enough to tell secrets apart, and of a secret that nobody can guess. */
function fingerprintOf(secret: Buffer): string {
  return createHash("sha256").update("payapi ledger secret").update(secret).digest("hex").slice(0, 16);
}

function boundTo({ mid, rowId }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify(["payapi billing key", mid, rowId]));
}

function underAnotherSecret(): LedgerError {
  return new LedgerError(
    "unreadable-key",
    "A stored billing key is encrypted under another secret: add that one to `secrets.previous`",
  );
}
