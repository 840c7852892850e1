import type { NotificationReceipt, ReceivedNotification } from "@payapi/core";
import type { Notification } from "@payapi/core/notifications";
import { notificationEvent } from "../domain/events.js";
import type { InboxRow, InboxVerdict, NewInboxRow } from "../domain/notification-rows.js";
import { verdictWithoutOrder } from "../domain/notifications.js";
import { given } from "../domain/order-status.js";
import { type Reported, reportedBy } from "../domain/reported.js";
import { type Notified, type NotifiedQuestion, UniqueConflict } from "../store/port.js";
import { changeOrder, withIds } from "./change-order.js";
import { type LedgerContext, newId } from "./context.js";
import { checkReceived, eventOf, inboxEntry, maskedId } from "./inbox-entry.js";
import { retryConflicts } from "./settle.js";

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
    const entry = inboxEntry(mid, received, { id, receivedAt: context.now(found), known });
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
  row: NewInboxRow,
  found: Notified,
): Promise<InboxVerdict> {
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
    readonly row: NewInboxRow;
    readonly orderId: string;
    readonly found: Notified;
  },
): Promise<InboxVerdict> {
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
  readonly row: NewInboxRow;
  readonly reported: Reported;
  readonly found: Notified;
  /** The first one with the same key. */
  readonly first: InboxRow;
}

async function receiveAgain(context: LedgerContext, again: Again): Promise<InboxVerdict> {
  const { row, reported, found, first } = again;
  const { mid, store } = context;
  const { listed, dedupeKey, fingerprint } = row;
  const repeat = { mid, listed, dedupeKey, fingerprint };
  if (first.fingerprint === fingerprint) {
    await store.save({ mid, inbox: { repeat } });
    return { effect: "known", reason: null, orderId: first.orderId };
  }
  // Whichever came first from a source that is not listed may be the one that a stranger made up.
  const verdict: InboxVerdict = listed
    ? { effect: "conflicting", reason: "other-content", orderId: first.orderId }
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
