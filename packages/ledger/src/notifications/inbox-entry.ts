import { isSecret, maskCardNumbers, type ReceivedNotification } from "@payapi/core";
import { checkText } from "../check-request.js";
import { newId } from "../context.js";
import { LedgerError } from "../errors.js";
import type { NewInboxRow } from "./inbox-rows.js";
import { reportedBy } from "./reported.js";

/** A notification as a row, not judged yet. Whatever came is kept in a form that any store takes, secrets redacted. */
export function inboxEntry(
  mid: string,
  { notification, bodyFingerprint, source }: ReceivedNotification,
  receivedAt: Date,
): NewInboxRow {
  const { oid, tid, price, account, at } = reportedBy(notification);
  const { kind, dedupeKey, fields } = notification;
  return {
    id: newId(),
    mid,
    dedupeKey,
    beside: false,
    fingerprint: bodyFingerprint,
    kind,
    event: clean(notification.kind === "escrow" ? notification.status : notification.event),
    oid: oid === undefined ? null : cleanId(oid),
    tid: cleanId(tid),
    price: price ?? null,
    account: account ?? null,
    occurredAt: at ?? null,
    fields: Object.fromEntries(
      Array.from(fields, ([name, value]) => [clean(name), isSecret(value) ? "[redacted]" : clean(value)]),
    ),
    source: source.address === undefined ? null : clean(source.address),
    listed: source.listed,
    effect: "ignored",
    reason: null,
    orderId: null,
    receivedAt,
  };
}

/** Whatever this refuses would be a mistake of the program: core parses no such notification. */
export function checkReceived({ notification, bodyFingerprint, source }: ReceivedNotification): void {
  checkText("notification.dedupeKey", notification.dedupeKey, 250);
  checkText("bodyFingerprint", bodyFingerprint, 200);
  if (source.address !== undefined) checkText("source.address", source.address, 100);
  if (typeof source.listed !== "boolean") {
    throw new LedgerError("invalid-argument", "source.listed must be true or false");
  }
}

/**
 * Dates and serial numbers in an id often pass for a card number: one tid in ten would be unknown to the operator who has to
 * look it up. Only one that is nothing else is taken for one.
 */
function cleanId(text: string): string {
  return maskCardNumbers(text) === "[redacted]"
    ? "[redacted]"
    : text.replaceAll("\u0000", " ").toWellFormed();
}

/** Core has redacted already; what is kept for ever is masked once more. PostgreSQL keeps no NUL. */
function clean(text: string): string {
  return maskCardNumbers(text.replaceAll("\u0000", " ").toWellFormed());
}
