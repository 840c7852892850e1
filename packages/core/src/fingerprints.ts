import { createHash, createHmac } from "node:crypto";
import type { Problem } from "./errors.js";
import { isOptions, type OptionNames, optionProblems } from "./option-names.js";
import { revealText, Secret } from "./secret.js";

/** The secrets of the digests under which the ledger keeps idempotency keys, rate limits and notifications. */
export interface FingerprintSecrets {
  /** Makes digests: a text of 32 or more characters. */
  readonly current: string | Secret;
  /** Digests made with these are still recognised (default: none). */
  readonly previous?: readonly (string | Secret)[];
}

const names = { current: true, previous: true } satisfies OptionNames<FingerprintSecrets>;
const documented = 'the README of @payapi/core, "Configuration"';

/** Returns the problems of the secrets, without their values. */
export function fingerprintProblems(secrets: FingerprintSecrets | undefined): readonly Problem[] {
  if (secrets === undefined) return [];
  const unknown = optionProblems(secrets, { names, documented, within: "fingerprintSecrets" });
  if (!isOptions(secrets) || unknown.length > 0) return unknown;
  const { current, previous = [] } = secrets;
  const isRight = Array.isArray(previous) && [current, ...previous].every(isLong);
  return isRight
    ? []
    : [
        {
          field: "fingerprintSecrets",
          message: "must be { current, previous }, with texts of at least 32 characters",
        },
      ];
}

function isLong(secret: unknown): boolean {
  return (revealText(secret as string | Secret)?.length ?? 0) >= 32;
}

/** The keys of digests, the current one first. */
export function fingerprintKeys(
  mid: string,
  { current, previous = [] }: FingerprintSecrets,
): readonly [Secret, ...Secret[]] {
  const keyOf = (secret: string | Secret) =>
    new Secret(
      createHash("sha256")
        .update(`payapi-fingerprint:${mid}:${revealText(secret) ?? ""}`)
        .digest("hex"),
    );
  return [keyOf(current), ...previous.map(keyOf)];
}

/** HMAC-SHA256, as 43 characters of base64url. */
export function digestOf(key: Secret, text: string): string {
  return createHmac("sha256", key.reveal()).update(text, "utf8").digest("base64url");
}
