import { isSecret, maskCardNumbers, type ReceivedNotification } from "@payapi/core";
import { checkText } from "../check-request.js";
import { newId } from "../context.js";
import { LedgerError } from "../errors.js";
import type { LedgerTransaction } from "../store.js";
import { orderNamedBy } from "./find-notified.js";
import type { NewInboxRow } from "./inbox-rows.js";
import { reportedBy } from "./reported.js";

const redacted = "[redacted]";

/**
 * A notification as a row, not judged yet. Whatever came is kept in a form that any store takes, secrets redacted.
 *
 * @param known which of its ids the record has already
 */
export function inboxEntry(
  mid: string,
  { notification, bodyFingerprint, source }: ReceivedNotification,
  { receivedAt, known }: { readonly receivedAt: Date; readonly known: KnownIds },
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

/** Asks the record only about ids that would be masked otherwise. */
export async function knownIdsOf(
  mid: string,
  tx: LedgerTransaction,
  { notification, source }: ReceivedNotification,
): Promise<KnownIds> {
  const { oid, tid } = reportedBy(notification);
  const isAsked = (id: string) => !source.listed && isMasked(clean(id));
  return {
    oid: oid !== undefined && isAsked(oid) && (await orderNamedBy(tx, mid, { oid })).orderId !== undefined,
    tid: isAsked(tid) && ((await tx.tidIsKnown(mid, tid)) || (await tx.cancelTidIsKnown(mid, tid))),
  };
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
