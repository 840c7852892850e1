import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { type BillingKey, type CallOutcome, isSecret, Secret } from "@payapi/core";
import type { DuePage, DuePlace, SilenceLimits } from "../domain/deadlines.js";
import { isLate } from "../domain/deadlines.js";
import type { SettledBy } from "../domain/rows.js";
import { LedgerError } from "../errors.js";

/** The states of an issue of a billing key, and of the issued key. */
export const keyStates = [
  "reserved",
  "sending",
  "active",
  "failed",
  "unknown",
  "deleting",
  "deleted",
] as const;
export type KeyState = (typeof keyStates)[number];

/** An id has at most one issue in one of these states. */
export const runningKeyStates = ["reserved", "sending"] as const satisfies readonly KeyState[];

/** One issue of a key, or an imported key. An id has several rows if its key was replaced. */
export interface KeyRow {
  readonly id: string;
  /** Position in lists; later rows have higher ones. */
  readonly position: number;
  readonly mid: string;
  /** The id that the shop knows. */
  readonly keyId: string;
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly state: KeyState;
  /** The encrypted key; `null` once it is deleted. */
  readonly encryptedKey: string | null;
  /** The row whose key this one replaces. */
  readonly replaces: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  readonly settledBy: SettledBy | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  /** When the key became active; `null` if it never did. */
  readonly issuedAt: Date | null;
  /** The latest end of a running deletion at the gateway; `null` without one. */
  readonly deletionEndsAt: Date | null;
  /** When `recover()` considers deleting the key at the gateway; `null` for never. Only an index: the history decides. */
  readonly deleteAt: Date | null;
}

export type NewKey = Pick<KeyRow, "id" | "mid" | "keyId" | "customerId" | "kind" | "replaces" | "createdAt"> &
  Partial<Pick<KeyRow, "state" | "encryptedKey" | "issuedAt" | "settledAt" | "settledBy">>;

export type KeyChange = { readonly state: KeyState } & Partial<
  Omit<
    KeyRow,
    "id" | "position" | "mid" | "keyId" | "customerId" | "kind" | "state" | "replaces" | "createdAt"
  >
>;

/** Which orphans to list (default: all). */
export interface OrphanPage {
  /** The time at which deadlines are compared. */
  readonly now: Date;
  readonly limit?: number;
  /** Only orphans with lower positions. */
  readonly before?: number;
  readonly state?: OrphanState;
}

/** States of an unused key that may still be chargeable at the gateway. */
export const orphanStates = ["unknown", "deleting"] as const satisfies readonly KeyState[];
export type OrphanState = (typeof orphanStates)[number];

/** One entry of a key's history. Append-only. */
export interface KeyTransition {
  readonly at: Date;
  readonly mid: string;
  readonly keyId: string;
  readonly rowId: string;
  readonly from: KeyState | null;
  readonly to: KeyState;
  readonly outcome: CallOutcome["outcome"] | null;
  readonly failureCode: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly actor: string | null;
  /** An operator's evidence. */
  readonly evidence: string | null;
}

/** How many keys one secret encrypts. */
export interface EncryptedCount {
  readonly fingerprint: string;
  readonly keys: number;
}

/** Reads of billing keys. Rows are in the order of their insertion. */
export interface KeyReading {
  rowsOfKey(mid: string, keyId: string): Promise<readonly KeyRow[]>;
  rowsOfCustomer(mid: string, customerId: string): Promise<readonly KeyRow[]>;
  findRow(mid: string, rowId: string): Promise<KeyRow | undefined>;
  /** Silent issues: reserved before one time, or sending with a deadline before another; ordered by id. */
  staleIssues(mid: string, limits: SilenceLimits): Promise<readonly KeyRow[]>;
  /** Stopped keys whose next deletion is due. */
  dueDeletions(mid: string, page: DuePage): Promise<readonly DuePlace[]>;
  countDueDeletions(mid: string, now: Date): Promise<number>;
  /** Issues that are unknown or past their deadline, and stopped keys without a running deletion; newest first. */
  orphans(mid: string, page: OrphanPage): Promise<readonly KeyRow[]>;
  /** Rows whose encrypted key does not begin with `prefix`, ordered by id. */
  encryptedOtherwise(
    mid: string,
    prefix: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly KeyRow[]>;
  /** How many keys each secret encrypts, by its fingerprint. */
  countEncrypted(mid: string): Promise<readonly EncryptedCount[]>;
  keyTransitions(mid: string, keyId: string): Promise<readonly KeyTransition[]>;
}

/**
 * Writes of billing keys, within a transaction. Unique constraints allow each id one active key (`billing_keys_one_active`) and one running
 * issue (`billing_keys_one_running`).
 */
export interface KeyRows extends KeyReading {
  /** The rows of one key, locked until the transaction ends. */
  lockKey(mid: string, keyId: string): Promise<readonly KeyRow[]>;
  /** The rows of a customer, who is locked until the transaction ends. */
  lockCustomer(mid: string, customerId: string): Promise<readonly KeyRow[]>;
  insertKey(row: NewKey): Promise<KeyRow>;
  /** Changes a row; `undefined` if it is in none of the states `from`. */
  moveKey(rowId: string, from: readonly KeyState[], change: KeyChange): Promise<KeyRow | undefined>;
  /** Replaces an encrypted key; `false` if it is no longer `from`. */
  reencrypt(rowId: string, from: string, to: string): Promise<boolean>;
  addKeyTransition(transition: KeyTransition): Promise<void>;
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

/**
 * The state of an orphan: an unused key that may still be chargeable at the gateway, without a running deletion. An issue past its deadline counts
 * as unknown already. `undefined` if the row is not an orphan.
 */
export function orphanStateOf(row: KeyRow, now: Date): OrphanState | undefined {
  if (row.state === "unknown" || isLate(row, now)) return "unknown";
  return isLeft(row, now) ? "deleting" : undefined;
}

/** Whether a key is stopped, not deleted, and without a running deletion. */
export function isLeft({ state, deletionEndsAt }: KeyRow, now: Date): boolean {
  return state === "deleting" && (deletionEndsAt === null || deletionEndsAt <= now);
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
