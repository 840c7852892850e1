import { isSecret, maskCardNumbers, type ReceivedNotification } from "@payapi/core";
import { type Notification, parseNotification, tidFieldOf } from "@payapi/core/notifications";
import { type Reported, reportedBy } from "../domain/facts.js";
import type { NewNotificationRow, NotificationRow } from "../domain/notification-rows.js";
import { LedgerError } from "../errors.js";
import { checkText } from "./check-request.js";
import type { LedgerContext } from "./context.js";

const redacted = "[redacted]";

/**
 * A notification as a row, not judged yet. Whatever came is kept in a form that any store takes, secrets redacted.
 *
 * @param known which of its ids the record has already
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

/**
 * What a kept notification says. Its columns hold ids that its redacted fields don't. A transaction that is masked even
 * there is found among the order's own, or named by an operator; no other than the one that was notified is taken.
 */
export async function reportedByRow(
  context: LedgerContext,
  row: NotificationRow,
  named: string | undefined,
): Promise<Reported> {
  const { mid } = context;
  const tid = isMasked(row.tid) ? await unmaskedTid(context, row, named) : row.tid;
  if (named !== undefined && named !== tid) throw otherTid();
  const { oid, price, account, occurredAt } = row;
  const reported = reportedBy(notificationOf(row, tid));
  // A merchant's own id may have such digits, too; it was compared when the notification came.
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
    "The transaction of this notification is kept masked, since its digits might be a card's: give its tid as the gateway's console shows it",
  );
}

function otherTid(): LedgerError {
  return new LedgerError("invalid-argument", "tid is not the transaction that was notified");
}

// Nothing that decides is longer; words for people may outgrow core's limits in another charset.
const longestThatDecides = 100;

/** The notification as core read it, from the fields that were kept; secrets that were redacted meant nothing to anybody. */
function notificationOf({ kind, fields }: NotificationRow, tid: string): Notification {
  const known = kind as Notification["kind"];
  const short = Object.entries(fields).filter(([, value]) => value.length <= longestThatDecides);
  const body = new URLSearchParams([
    ...short.filter(([name]) => name !== tidFieldOf(known)),
    [tidFieldOf(known), tid],
  ]);
  return parseNotification(new TextEncoder().encode(body.toString()), { charset: "utf-8", kind: known });
}
