import { isSecret, type Secret } from "@payapi/core";
import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import type { LedgerContext } from "../context.js";
import { changeKeys, type SecretRotation, vaultOf } from "./keys.js";

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

const batchSize = 100;

/** Re-encrypts every key that is not encrypted with the current secret. An interrupted run can be repeated. */
export async function rotateSecrets(context: LedgerContext): Promise<SecretRotation> {
  const { prefix } = vaultOf(context);
  let rotated = 0;
  let after: string | undefined;
  const errors: unknown[] = [];
  for (;;) {
    const page = { after, limit: batchSize };
    const rows = await context.store.read((tx) => tx.keys.encryptedOtherwise(context.mid, prefix, page));
    for (const row of rows) {
      try {
        if (await rotateRow(context, row)) rotated++;
      } catch (error) {
        if (error instanceof LedgerUnavailableError) throw error;
        errors.push(error);
      }
    }
    after = rows.at(-1)?.id;
    if (rows.length < batchSize) break;
  }
  // One unreadable key must not stop the rotation of the others.
  if (errors.length > 0) throw errors[0];
  return { rotated };
}

/** `false` if another process deleted or rotated the key meanwhile. */
async function rotateRow(context: LedgerContext, { id, mid, encryptedKey }: KeyRow): Promise<boolean> {
  if (encryptedKey === null) return false;
  const vault = vaultOf(context);
  const place = { mid, rowId: id };
  const reencrypted = vault.encrypt(vault.decrypt(encryptedKey, place), place);
  return changeKeys(context, (tx) => tx.keys.reencrypt(id, encryptedKey, reencrypted));
}
