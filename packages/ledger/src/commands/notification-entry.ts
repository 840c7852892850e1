import { isSecret, maskCardNumbers, type ReceivedNotification } from "@payapi/core";
import { parseStoredFields, tidFieldOf } from "@payapi/core/internal";
import type { Notification } from "@payapi/core/notifications";
import { type Reported, reportedBy } from "../domain/facts.js";
import type { NewNotificationRow, NotificationRow } from "../domain/notification-rows.js";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

const redacted = "[redacted]";

/**
 * A received notification as a row, before it is judged. Secrets are redacted, and characters that a store can't keep are replaced.
 *
 * @param known which of its ids the ledger has
 */
export function notificationEntry(
  mid: string,
  { notification, bodyFingerprint, source }: ReceivedNotification,
  { id, receivedAt, known }: { readonly id: string; readonly receivedAt: Date; readonly known: KnownIds },
): NewNotificationRow {
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
    oid: oid === undefined ? null : keptId(oid, known.oid),
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

/** Throws for notifications that core's parser never returns. */
export function checkReceived(received: ReceivedNotification): void {
  const { notification, bodyFingerprint, earlierFingerprints = [], source } = received;
  checkText("notification.dedupeKey", notification.dedupeKey, 250);
  for (const each of [bodyFingerprint, ...earlierFingerprints]) checkText("bodyFingerprint", each, 200);
  if (source.address !== undefined) checkText("source.address", source.address, 100);
  if (typeof source.listed !== "boolean") {
    throw new LedgerError("invalid-argument", "source.listed must be true or false");
  }
}

/** Which ids of a notification are in the ledger, so that a stranger did not make them up. */
export interface KnownIds {
  readonly oid: boolean;
  readonly tid: boolean;
}

/** What a notification reports, as it is stored. */
export function eventOf(notification: Notification): string {
  return notification.kind === "escrow" ? notification.status : notification.event;
}

/** An id from an unlisted source, as it is stored. */
export function maskedId(id: string): string {
  return clean(id);
}

/** Whether a stored id is masked. */
export function isMasked(id: string): boolean {
  return id.includes(redacted);
}

/**
 * Stores a trusted id as it is, and masks others: one in twenty of the gateway's ids looks like a card number, and an operator can't search
 * for a masked id. Transaction ids of a listed source are trusted, since the gateway makes them. Order numbers are trusted only if the ledger
 * made them: the others come from a form that a person may have filled in.
 */
function keptId(id: string, isTrusted: boolean): string {
  const masked = clean(id);
  return isTrusted && masked !== redacted ? withoutNul(id) : masked;
}

/** Core has redacted secrets already; texts that are stored permanently are masked once more. PostgreSQL does not store NUL. */
function clean(text: string): string {
  return maskCardNumbers(withoutNul(text));
}

function withoutNul(text: string): string {
  return text.replaceAll("\u0000", " ").toWellFormed();
}

/**
 * What a stored notification reports. Its columns hold ids that are redacted in its fields. A `tid` that is masked in the column too is looked
 * up among the order's transactions, or given by an operator; it must be the one that was notified.
 */
export async function reportedByRow(
  context: LedgerContext,
  row: NotificationRow,
  named: string | undefined,
): Promise<Reported> {
  const { mid } = context;
  const isUnread = row.event === "unrecognised";
  // Releasing one that could not be read moves no money, so its transaction need not be known.
  const tid = isMasked(row.tid) && !isUnread ? await unmaskedTid(context, row, named) : row.tid;
  if (named !== undefined && named !== tid) throw otherTid();
  const { oid, price, account, occurredAt } = row;
  const stored = reportedBy(notificationOf(row, tid));
  // Whether it could be read was decided on the body as it came; a stored field may be redacted.
  const what = isUnread ? "unrecognised" : stored.what;
  const reported = { ...stored, what };
  // The mid may look like a card number too. It was compared when the notification arrived.
  const isOurs = reported.mid !== undefined && isMasked(reported.mid) && row.reason !== "other-merchant";
  return {
    ...reported,
    mid: isOurs ? mid : reported.mid,
    tid,
    oid: oid ?? undefined,
    price: price ?? undefined,
    account: account ?? undefined,
    at: occurredAt ?? undefined,
  };
}

async function unmaskedTid(
  { mid, store }: LedgerContext,
  row: NotificationRow,
  named: string | undefined,
): Promise<string> {
  const { approvals, cancels } =
    row.orderId === null ? { approvals: [], cancels: [] } : (await store.load(mid, row.orderId)).order;
  const own = [
    ...approvals.flatMap(({ tid, authTid }) => [tid, authTid]),
    ...cancels.map(({ cancelTid }) => cancelTid),
  ].filter((tid) => tid !== null);
  const candidates = named === undefined ? own : [named];
  const tid = candidates.find((candidate) => notificationOf(row, candidate).dedupeKey === row.dedupeKey);
  if (tid !== undefined) return tid;
  if (named !== undefined) throw otherTid();
  throw new LedgerError(
    "masked-tid",
    "The tid of this notification is stored masked, since its digits could be a card number: pass `tid` as the gateway's console shows it",
  );
}

function otherTid(): LedgerError {
  return new LedgerError(
    "invalid-argument",
    "tid is not the transaction of this notification: compare it with the gateway's console",
  );
}

/** Parses the notification again from its stored fields. No decision uses the redacted secrets. */
function notificationOf({ kind, fields }: NotificationRow, tid: string): Notification {
  const known = kind as Notification["kind"];
  return parseStoredFields(known, { ...fields, [tidFieldOf(known)]: tid });
}
