import { isSecret, type Secret } from "@payapi/core";
import { LedgerError, LedgerUnavailableError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import type { LedgerContext } from "../context.js";
import { changeKeys, type SecretRotation, vaultOf } from "./keys.js";

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

const batchSize = 100;

/** Encrypts anew whatever is not encrypted under the current secret. What one run leaves, the next one finds. */
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
  // One key that cannot be read must not keep the others from being rotated.
  if (errors.length > 0) throw errors[0];
  return { rotated };
}

/** `false` when somebody else was faster: the key was deleted, or rotated there. */
async function rotateRow(context: LedgerContext, { id, mid, encryptedKey }: KeyRow): Promise<boolean> {
  if (encryptedKey === null) return false;
  const vault = vaultOf(context);
  const place = { mid, rowId: id };
  const anew = vault.encrypt(vault.decrypt(encryptedKey, place), place);
  return changeKeys(context, (tx) => tx.keys.reencrypt(id, encryptedKey, anew));
}
