import type { NotificationReceipt, ReceivedNotification } from "@payapi/core";
import type { Notification, NotificationKind } from "@payapi/core/notifications";
import { verdictWithoutOrder } from "../domain/apply-notification.js";
import { notificationEvent } from "../domain/events.js";
import { type Reported, reportedBy } from "../domain/facts.js";
import type {
  NewNotificationRow,
  NotificationOutcome,
  NotificationReason,
  NotificationRow,
  Notified,
  NotifiedQuestion,
} from "../domain/notification-rows.js";
import { given } from "../domain/order-status.js";
import { UniqueConflict } from "../store/port.js";
import { changeOrder, notQuarantined, withIds } from "./change-order.js";
import { checkText, checkTid, maskedNote } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";
import { checkReceived, eventOf, maskedId, notificationEntry, reportedByRow } from "./notification-entry.js";
import { retryConflicts } from "./settle.js";

/** Lists notifications, and releases those in quarantine. */
export interface LedgerNotifications {
  /** Lists notifications, newest first. */
  list(options?: NotificationListOptions): Promise<readonly ListedNotification[]>;
  /**
   * Releases a quarantined notification: judges it again as if its source were listed, and returns the effect. One with the reason
   * `unrecognised` is then ignored, so read it before you release it.
   *
   * @throws LedgerError `no-such-call` if no quarantined notification has this id, `masked-tid` if `tid` is needed, or
   * `invalid-argument` if `tid` is not the one that was notified; nothing was changed
   */
  release(id: string, note: ReleaseNote): Promise<NotificationReceipt>;
}

/** Who releases a notification, and on what evidence. Stored permanently; must not contain card data. */
export interface ReleaseNote {
  readonly actor: string;
  readonly evidence: string;
  /**
   * The notification's transaction id, as the gateway's console shows it. Needed if `tidIsMasked`; must be the one that was
   * notified.
   */
  readonly tid?: string;
}

/** Which notifications to list. */
export interface NotificationListOptions {
  /** Only notifications with this effect. Those that are `quarantined` or `mismatch` need an operator. */
  readonly effect?: NotificationReceipt["effect"];
  /** Page size, 1 to 500 (default: 50). */
  readonly limit?: number;
  /** The `position` of the last notification on the previous page. */
  readonly before?: number;
}

/** A notification in a list. */
export interface ListedNotification {
  readonly id: string;
  /** Position in the list; later notifications have higher ones. */
  readonly position: number;
  readonly receivedAt: Date;
  readonly kind: NotificationKind;
  /** What it reports: its `event`, or its `status` for escrow. */
  readonly event: string;
  readonly effect: NotificationReceipt["effect"];
  /** Why it was not applied. */
  readonly reason?: NotificationReason;
  readonly orderId?: string;
  readonly oid?: string;
  readonly tid: string;
  /** `true` if `tid` is stored masked because it may contain a card number. `release` then needs the `tid`. */
  readonly tidIsMasked: boolean;
  /** The amount, in won. */
  readonly price?: number;
  readonly account?: string;
  readonly occurredAt?: Date;
  readonly source: { readonly address?: string; readonly listed: boolean };
  /** The operator who released it from quarantine. */
  readonly released?: Omit<ReleaseNote, "tid"> & { readonly at: Date };
  /** How often it arrived again. */
  readonly repeats: number;
  /** The fields as received, under the gateway's names; secrets are redacted. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Stores a notification together with its effect; a repeated one is counted. */
export async function receiveNotification(
  context: LedgerContext,
  received: ReceivedNotification,
): Promise<NotificationReceipt> {
  checkReceived(received);
  const { mid, store } = context;
  const { notification, source } = received;
  const reported = reportedBy(notification);
  const id = newId();
  // If another delivery of the same notification was stored first, the next round finds it.
  return retryConflicts(async () => {
    const { dedupeKey, kind } = notification;
    const row = { kind, event: eventOf(notification), listed: source.listed, dedupeKey };
    const found = await store.notified(mid, questionOf(reported, row));
    const known = { oid: found.orderId !== undefined, tid: found.tid !== undefined };
    // The same body, stored before the secret of digests was renewed.
    const isSame = received.earlierFingerprints?.includes(found.first?.fingerprint ?? "") === true;
    const bodyFingerprint = isSame ? found.first?.fingerprint : undefined;
    const same = { ...received, ...(bodyFingerprint === undefined ? {} : { bodyFingerprint }) };
    const entry = notificationEntry(mid, same, { id, receivedAt: context.now(found), known });
    const verdict =
      found.first === undefined
        ? await receiveFirst(context, reported, entry, found)
        : await receiveAgain(context, { row: entry, reported, found, first: found.first });
    return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
  });
}

/**
 * The subject of a notification, for rate limits, if the ledger knows its order number or its transaction. A known order counts before a
 * known transaction, so that a stranger who knows one `tid` does not get a new subject with each invented order number.
 */
export async function findNotified(
  { mid, store }: LedgerContext,
  notification: Notification,
): Promise<string | undefined> {
  const reported = reportedBy(notification);
  if (reported.mid !== undefined && reported.mid !== mid) return undefined;
  const { dedupeKey, kind } = notification;
  const row = { kind, event: eventOf(notification), listed: false, dedupeKey };
  const { orderId, tid } = await store.notified(mid, questionOf(reported, row));
  if (orderId !== undefined) return `order ${orderId}`;
  return tid === "attempt" ? `tid ${reported.tid}` : undefined;
}

export function questionOf(
  { oid, tid }: Pick<Reported, "oid" | "tid">,
  { kind, event, listed, dedupeKey }: NotifiedQuestion["row"],
): NotifiedQuestion {
  return { oid, tid, maskedTid: maskedId(tid), row: { kind, event, listed, dedupeKey } };
}

/** The order of this merchant that a notification names. */
export function orderOf(mid: string, reported: Reported, { orderId }: Notified): string | undefined {
  return reported.mid === undefined || reported.mid === mid ? orderId : undefined;
}

async function receiveFirst(
  context: LedgerContext,
  reported: Reported,
  row: NewNotificationRow,
  found: Notified,
): Promise<NotificationOutcome> {
  const { mid, store } = context;
  const orderId = orderOf(mid, reported, found);
  if (orderId === undefined) {
    const verdict = verdictWithoutOrder(reported, mid, false);
    const events = withIds(mid, notificationEvent({ row, verdict, isReleased: false }));
    await store.save({ mid, inbox: { insert: { ...row, ...verdict } }, events });
    return verdict;
  }
  return decideAbout(context, { reported, row, orderId, found });
}

/** Stores a notification about an order together with its effect on the order. */
function decideAbout(
  context: LedgerContext,
  {
    reported,
    row,
    orderId,
    found: { reportedOtherwise },
  }: {
    readonly reported: Reported;
    readonly row: NewNotificationRow;
    readonly orderId: string;
    readonly found: Notified;
  },
): Promise<NotificationOutcome> {
  const attemptId = newId();
  return changeOrder(
    context,
    orderId,
    () => ({
      kind: "notification",
      reported,
      row,
      believed: row.listed,
      isReleased: false,
      reportedOtherwise,
      newId: attemptId,
    }),
    {
      ask: { tids: [reported.tid] },
      inbox: (verdict) => ({ insert: { ...row, ...verdict } }),
    },
  );
}

interface Again {
  readonly row: NewNotificationRow;
  readonly reported: Reported;
  readonly found: Notified;
  /** The first one with the same key. */
  readonly first: NotificationRow;
}

async function receiveAgain(context: LedgerContext, again: Again): Promise<NotificationOutcome> {
  const { row, reported, found, first } = again;
  const { mid, store } = context;
  const { listed, dedupeKey, fingerprint } = row;
  const repeat = { mid, listed, dedupeKey, fingerprint };
  if (first.fingerprint === fingerprint) {
    await store.save({ mid, inbox: { repeat } });
    return { effect: "known", reason: null, orderId: first.orderId };
  }
  // From an unlisted source, either one may be made up by a stranger.
  const verdict: NotificationOutcome = listed
    ? { effect: "mismatch", reason: "other-content", orderId: first.orderId }
    : { effect: "quarantined", reason: "other-content", orderId: found.orderId ?? null };
  const beside = { ...row, beside: true };
  const orderId = orderOf(mid, reported, found);
  try {
    // The notifications of two deposits to one account have the same key.
    if (listed && orderId !== undefined && reported.what === "paid") {
      return await decideAbout(context, { reported, row: beside, orderId, found });
    }
    const events = withIds(mid, notificationEvent({ row, verdict, isReleased: false }));
    await store.save({ mid, inbox: { insert: { ...beside, ...verdict } }, events });
  } catch (error) {
    if (!(error instanceof UniqueConflict)) throw error;
    // This body arrived before, too.
    await store.save({ mid, inbox: { repeat } });
  }
  return verdict;
}

/**
 * Releases a quarantined notification: judges it again as if its source were listed. Every other check still applies, so it may stay
 * quarantined or become a mismatch. One that could not be parsed is ignored from then on.
 */
export async function releaseNotification(
  context: LedgerContext,
  id: string,
  note: ReleaseNote,
): Promise<NotificationReceipt> {
  checkText("id", id, 100);
  const masked = maskedNote(note);
  if (note.tid !== undefined) checkTid("tid", note.tid);
  const verdict = await retryConflicts(() => release(context, id, { ...masked, tid: note.tid }));
  return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
}

async function release(
  context: LedgerContext,
  id: string,
  { actor, evidence, tid: named }: { actor: string; evidence: string; tid: string | undefined },
): Promise<NotificationOutcome> {
  const { mid, store } = context;
  const [row] = await store.read((tx) => tx.notifications(mid, { id }));
  if (row?.effect !== "quarantined") throw notQuarantined();
  const reported = await reportedByRow(context, row, named);
  const { tid } = reported;
  const found = await store.notified(mid, questionOf(reported, row));
  const releaseAt = (verdict: NotificationOutcome, at: Date) => ({
    release: { id, tid, verdict, actor, evidence, at },
  });
  const orderId = orderOf(mid, reported, found);
  if (orderId === undefined) {
    const verdict = verdictWithoutOrder(reported, mid, true);
    const result = await store.save({ mid, inbox: releaseAt(verdict, context.now(found)) });
    if (result === "gone") throw notQuarantined();
    return verdict;
  }
  const attemptId = newId();
  let now = context.now(found);
  return changeOrder(
    context,
    orderId,
    (at) => {
      now = at;
      return {
        kind: "notification",
        reported,
        row: { ...row, tid, receivedAt: at },
        believed: true,
        isReleased: true,
        reportedOtherwise: found.reportedOtherwise,
        newId: attemptId,
      };
    },
    { ask: { tids: [tid] }, inbox: (verdict) => releaseAt(verdict, now) },
  );
}
