import { createHash } from "node:crypto";
import { isPlainKeyPart } from "./field-reader.js";
import type { NotificationKind } from "./notification.js";

/**
 * Joins what tells one event from another. Parts that are no plain words (only a forger sends such) are hashed, so that a
 * key is short, holds no card number, and is never made by two different lists of parts.
 */
export function makeDedupeKey(kind: NotificationKind, parts: readonly string[]): string {
  if (parts.every(isPlainKeyPart)) return [kind, ...parts].join(":");
  return `${kind}:sha256-${createHash("sha256").update(JSON.stringify(parts)).digest("hex")}`;
}
