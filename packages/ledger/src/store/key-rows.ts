import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { type BillingKey, type CallOutcome, isSecret, Secret } from "@payapi/core";
import type { DuePage, DuePlace, SilenceLimits } from "../domain/deadlines.js";
import { isLate } from "../domain/deadlines.js";
import type { SettledBy } from "../domain/rows.js";
import { LedgerError } from "../errors.js";

/** The states of one issue of a billing key, and of the key that came of it. */
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

/** One issue under an id may be in one of these. */
export const runningKeyStates = ["reserved", "sending"] as const satisfies readonly KeyState[];

/** One issue of a key, or one key that was imported. Several share an id, one after the other. */
export interface KeyRow {
  readonly id: string;
  /** Rises with every row. */
  readonly position: number;
  readonly mid: string;
  /** The public id. */
  readonly keyId: string;
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly state: KeyState;
  /** The key, encrypted; gone once it is deleted. */
  readonly encryptedKey: string | null;
  /** The row whose key this one is to take the place of. */
  readonly replaces: string | null;
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  readonly settledBy: SettledBy | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
  /** When it became active; `null` if it never was. */
  readonly issuedAt: Date | null;
  /** Until when somebody may be about to delete it at the gateway. */
  readonly deletionEndsAt: Date | null;
  /**
   * When `recover()` looks whether it may be deleted at the gateway; `null` when never (any more). Only where to look: what may
   * be done follows from the history.
   */
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

/** Which orphans are asked for: all of them, if nothing is said. */
export interface OrphanPage {
  /** At this time. */
  readonly now: Date;
  readonly limit?: number;
  /** Only those at lesser positions. */
  readonly before?: number;
  readonly state?: OrphanState;
}

/** What a row may be that is not in use and may be alive at the gateway. */
export const orphanStates = ["unknown", "deleting"] as const satisfies readonly KeyState[];
export type OrphanState = (typeof orphanStates)[number];

/** One line of a key's history; never changed afterwards. */
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
  /** What an operator saw it in. */
  readonly evidence: string | null;
}

/** How many keys are encrypted under one secret. */
export interface SealedCount {
  readonly fingerprint: string;
  readonly keys: number;
}

/** Reading billing keys. Rows come in the order they were inserted in. */
export interface KeyReading {
  rowsOfKey(mid: string, keyId: string): Promise<readonly KeyRow[]>;
  rowsOfCustomer(mid: string, customerId: string): Promise<readonly KeyRow[]>;
  findRow(mid: string, rowId: string): Promise<KeyRow | undefined>;
  /** Issues still reserved since before one time, or sending with a deadline before another; by their ids. */
  staleIssues(mid: string, limits: SilenceLimits): Promise<readonly KeyRow[]>;
  /** Stopped keys that are due to be looked at for a deletion. */
  dueDeletions(mid: string, page: DuePage): Promise<readonly DuePlace[]>;
  countDueDeletions(mid: string, now: Date): Promise<number>;
  /** Issues that are unknown or past their deadline, and keys to be deleted that nobody is about to delete; the newest first. */
  orphans(mid: string, page: OrphanPage): Promise<readonly KeyRow[]>;
  /** Rows, by their id and after the one given, whose key is encrypted otherwise than beginning with `prefix`. */
  encryptedOtherwise(
    mid: string,
    prefix: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly KeyRow[]>;
  /** How many keys are encrypted under each secret, by the fingerprint that they begin with. */
  countEncrypted(mid: string): Promise<readonly SealedCount[]>;
  keyTransitions(mid: string, keyId: string): Promise<readonly KeyTransition[]>;
}

/**
 * Writing billing keys, within a transaction. Two unique constraints hold: `billing_keys_one_active` and
 * `billing_keys_one_running`, of one id.
 */
export interface KeyRows extends KeyReading {
  /** The rows of one key, locked until the transaction ends. */
  lockKey(mid: string, keyId: string): Promise<readonly KeyRow[]>;
  /** The rows of an customer; whoever else locks the same customer waits until the transaction ends. */
  lockCustomer(mid: string, customerId: string): Promise<readonly KeyRow[]>;
  insertKey(row: NewKey): Promise<KeyRow>;
  /** `undefined` when the row is in none of these states (any more). */
  moveKey(rowId: string, from: readonly KeyState[], change: KeyChange): Promise<KeyRow | undefined>;
  /** `false` when the key is no longer encrypted as it was. */
  reencrypt(rowId: string, from: string, to: string): Promise<boolean>;
  addKeyTransition(line: KeyTransition): Promise<void>;
}

/** Turns billing keys into texts that may be stored, and back. */
export interface KeyVault {
  encrypt(billkey: Secret, place: EncryptedPlace): string;
  /** @throws LedgerError `unreadable-key` */
  decrypt(encryptedKey: string, place: EncryptedPlace): Secret;
  /** What a text begins with that is encrypted as it would be today. */
  readonly prefix: string;
  /** Which of its secrets has this fingerprint; `undefined` if none. */
  roleOf(fingerprint: string): "current" | "previous" | undefined;
}

/** Where a encrypted key belongs: moved to another row it cannot be opened. */
export interface EncryptedPlace {
  readonly mid: string;
  readonly rowId: string;
}

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM under the current secret. A encrypted key is `<fingerprint of the secret>:<nonce>:<ciphertext and tag>`, so that
 * those under a previous secret stay readable until they are encrypted anew.
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
        // What went wrong inside the cipher says no more than that the bytes are not those that were encrypted.
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

function boundTo({ mid, rowId }: EncryptedPlace): Buffer {
  return Buffer.from(JSON.stringify(["payapi billing key", mid, rowId]));
}

function underAnotherSecret(): LedgerError {
  return new LedgerError(
    "unreadable-key",
    "A stored billing key is encrypted under another secret: add that one to `secrets.previous`",
  );
}

/**
 * What may be alive at the gateway though nobody uses it, and nobody is about to end it. An issue past its deadline is as unknown as
 * it will be once `recover()` has said so.
 */
export function orphanStateOf(row: KeyRow, now: Date): OrphanState | undefined {
  if (row.state === "unknown" || isLate(row, now)) return "unknown";
  return isLeft(row, now) ? "deleting" : undefined;
}

/** Stopped, not deleted, and nobody is about to. */
export function isLeft({ state, deletionEndsAt }: KeyRow, now: Date): boolean {
  return state === "deleting" && (deletionEndsAt === null || deletionEndsAt <= now);
}

/** What billing keys are encrypted under. Each secret is 32 random bytes, as base64 (44 characters) or hex (64). */
export interface LedgerSecrets {
  /** Encrypts; make one with `openssl rand -base64 32`. */
  readonly current: string | Secret;
  /** Still read what was encrypted before `current` took their place; `keys.rotateSecrets()` makes them needless. */
  readonly previous?: readonly (string | Secret)[];
}

/** @throws LedgerError `invalid-argument`, which says nothing about the secret's text */
export function secretBytes({ current, previous = [] }: LedgerSecrets): [Buffer, ...Buffer[]] {
  return [bytesOf("secrets.current", current), ...previous.map((each) => bytesOf("secrets.previous", each))];
}

/**
 * Whether secrets can be used, without a database: for what reads them from an environment.
 *
 * @throws LedgerError `invalid-argument`, which says nothing about the secret's text
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
    `${name} must be 32 bytes as base64 (44 characters) or hex (64): make one with openssl rand -base64 32`,
  );
}
