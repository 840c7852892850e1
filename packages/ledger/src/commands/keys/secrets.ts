import { isSecret, type Secret } from "@payapi/core";
import { LedgerError } from "../../errors.js";

/** What billing keys are encrypted under. Each secret is 32 random bytes, as base64 (44 characters) or hex (64). */
export interface LedgerSecrets {
  /** Encrypts; make one with `openssl rand -base64 32`. */
  readonly current: string | Secret;
  /** Still read what was encrypted before `current` took their place; `rotateSecrets()` makes them needless. */
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
