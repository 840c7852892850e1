import { isSecret, maskCardNumbers, type ReceivedNotification } from "@payapi/core";
import type { Notification } from "@payapi/core/notifications";
import type { NewInboxRow } from "../domain/notification-rows.js";
import { reportedBy } from "../domain/reported.js";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";

const redacted = "[redacted]";

/**
 * A notification as a row, not judged yet. Whatever came is kept in a form that any store takes, secrets redacted.
 *
 * @param known which of its ids the record has already
 */
export function inboxEntry(
  mid: string,
  { notification, bodyFingerprint, source }: ReceivedNotification,
  { id, receivedAt, known }: { readonly id: string; readonly receivedAt: Date; readonly known: KnownIds },
): NewInboxRow {
  const { oid, tid, price, account, at } = reportedBy(notification);
  const { kind, dedupeKey, fields } = notification;
  return {
    id,
    mid,
    dedupeKey,
    beside: false,
    fingerprint: bodyFingerprint,
    kind,
    event: eventOf(notification),
    oid: oid === undefined ? null : keptId(oid, source.listed || known.oid),
    tid: keptId(tid, source.listed || known.tid),
    price: price ?? null,
    account: account ?? null,
    occurredAt: at ?? null,
    fields: Object.fromEntries(
      Array.from(fields, ([name, value]) => [clean(name), isSecret(value) ? redacted : clean(value)]),
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

/** Which ids of a notification nobody makes up, since they are in the record. */
export interface KnownIds {
  readonly oid: boolean;
  readonly tid: boolean;
}

/** What a notification reports, as it is kept. */
export function eventOf(notification: Notification): string {
  return clean(notification.kind === "escrow" ? notification.status : notification.event);
}

/** An id as it is kept of a stranger. */
export function maskedId(id: string): string {
  return clean(id);
}

/** Whether something of a kept id is missing. */
export function isMasked(id: string): boolean {
  return id.includes(redacted);
}

/**
 * One in twenty of the gateway's own ids has digits in it that might be a card's: masked, operators could search for nothing.
 * Anybody else's may hold what it likes.
 */
function keptId(id: string, isTrusted: boolean): string {
  const masked = clean(id);
  return isTrusted && masked !== redacted ? withoutNul(id) : masked;
}

/** Core has redacted already; what is kept for ever is masked once more. PostgreSQL keeps no NUL. */
function clean(text: string): string {
  return maskCardNumbers(withoutNul(text));
}

function withoutNul(text: string): string {
  return text.replaceAll("\u0000", " ").toWellFormed();
}
