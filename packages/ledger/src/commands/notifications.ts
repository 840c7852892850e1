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
import { checkText, checkTid, keptWord } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";
import { checkReceived, eventOf, maskedId, notificationEntry, reportedByRow } from "./notification-entry.js";
import { retryConflicts } from "./settle.js";

/** Notifications as they were kept, and the release of those in quarantine. */
export interface LedgerNotifications {
  /** What the gateway notified about, newest first. */
  list(options?: NotificationListOptions): Promise<readonly ListedNotification[]>;
  /**
   * Judges a quarantined notification again as one from a listed source, with the word of an operator; says what became of it.
   * One that is `unrecognised` is ignored by it: whoever releases it has looked into what it says.
   *
   * @throws LedgerError `no-such-call` if none that is quarantined has this id; `masked-tid` if it must be given with its `tid`;
   * `invalid-argument` if the `tid` is not the one that was notified. Nothing was changed then.
   */
  release(id: string, word: ReleaseNote): Promise<NotificationReceipt>;
}

/** Who vouches for a notification, and by what it was seen to be true; kept for ever. Not for card data. */
export interface ReleaseNote {
  readonly actor: string;
  readonly evidence: string;
  /**
   * Its transaction, as the gateway's console shows it. Needed only where `tidIsMasked`, because a stranger may have written it and
   * its digits might be a card's; compared with what was notified.
   */
  readonly tid?: string;
}

export interface NotificationListOptions {
  /** Only those with this effect; `quarantined` and `mismatch` ones are for an operator. */
  readonly effect?: NotificationReceipt["effect"];
  /** At most this many, 50; at most 500. */
  readonly limit?: number;
  /** The `position` of the last notification of the page before. */
  readonly before?: number;
}

/** A notification in a list. */
export interface ListedNotification {
  readonly id: string;
  /** Where it stands in the list: rises with every notification. */
  readonly position: number;
  readonly receivedAt: Date;
  readonly kind: NotificationKind;
  /** What it reports: its `event`, or its `status` for escrow. */
  readonly event: string;
  readonly effect: NotificationReceipt["effect"];
  /** Why it was not simply applied. */
  readonly reason?: NotificationReason;
  readonly orderId?: string;
  readonly oid?: string;
  readonly tid: string;
  /** Whether `tid` is kept masked, since a stranger may have written it: whoever releases the notification must name it. */
  readonly tidIsMasked: boolean;
  /** Won it is about. */
  readonly price?: number;
  readonly account?: string;
  readonly occurredAt?: Date;
  readonly source: { readonly address?: string; readonly listed: boolean };
  /** The operator who released it from quarantine. */
  readonly released?: Omit<ReleaseNote, "tid"> & { readonly at: Date };
  /** How often it came again. */
  readonly repeats: number;
  /** Every field as it came, under the gateway's own names; secrets are redacted. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Stores a notification together with its effect, or that it came again. */
export async function receiveNotification(
  context: LedgerContext,
  received: ReceivedNotification,
): Promise<NotificationReceipt> {
  checkReceived(received);
  const { mid, store } = context;
  const { notification, source } = received;
  const reported = reportedBy(notification);
  const id = newId();
  // Where another delivery of the same was faster, the next round finds it.
  return retryConflicts(async () => {
    const { dedupeKey, kind } = notification;
    const row = { kind, event: eventOf(notification), listed: source.listed, dedupeKey };
    const found = await store.notified(mid, questionOf(reported, row));
    const known = { oid: found.orderId !== undefined, tid: found.tid !== undefined };
    const entry = notificationEntry(mid, received, { id, receivedAt: context.now(found), known });
    const verdict =
      found.first === undefined
        ? await receiveFirst(context, reported, entry, found)
        : await receiveAgain(context, { row: entry, reported, found, first: found.first });
    return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
  });
}

/**
 * What a notification is about, if its order number or its transaction is known. Of one that names both the order counts,
 * so that nobody who knows one transaction gets a subject of his own with every order number that he makes up.
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

/** Whether a notification names an order of ours. */
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

/** Stores a notification of an order with what it does to it. */
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
  // Whichever came first from a source that is not listed may be the one that a stranger made up.
  const verdict: NotificationOutcome = listed
    ? { effect: "mismatch", reason: "other-content", orderId: first.orderId }
    : { effect: "quarantined", reason: "other-content", orderId: found.orderId ?? null };
  const beside = { ...row, beside: true };
  const orderId = orderOf(mid, reported, found);
  try {
    // The page's notification of a second deposit has the same key as that of the first.
    if (listed && orderId !== undefined && reported.what === "paid") {
      return await decideAbout(context, { reported, row: beside, orderId, found });
    }
    const events = withIds(mid, notificationEvent({ row, verdict, isReleased: false }));
    await store.save({ mid, inbox: { insert: { ...beside, ...verdict } }, events });
  } catch (error) {
    if (!(error instanceof UniqueConflict)) throw error;
    // This body came before, too.
    await store.save({ mid, inbox: { repeat } });
  }
  return verdict;
}

/**
 * Judges a quarantined notification again, as one from a listed source: an operator vouches for it. Nothing else is
 * believed of it, so that it may be quarantined still, or turn out to contradict the record. One that nobody can read is ignored
 * from then on.
 */
export async function releaseNotification(
  context: LedgerContext,
  id: string,
  word: ReleaseNote,
): Promise<NotificationReceipt> {
  checkText("id", id, 100);
  const kept = keptWord(word);
  if (word.tid !== undefined) checkTid("tid", word.tid);
  const verdict = await retryConflicts(() => release(context, id, { ...kept, tid: word.tid }));
  return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
}

async function release(
  context: LedgerContext,
  id: string,
  { actor, evidence, tid: named }: { actor: string; evidence: string; tid: string | undefined },
): Promise<NotificationOutcome> {
  const { mid, store } = context;
  const row = await store.notificationRow(mid, id);
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
