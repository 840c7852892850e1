import type { NotificationReceipt, ReceivedNotification } from "@payapi/core";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import { given } from "../order-view.js";
import { retryConflicts } from "../settle.js";
import type { LedgerTransaction } from "../store.js";
import { apply } from "./apply-notification.js";
import { orderNamedBy } from "./find-notified.js";
import { checkReceived, inboxEntry, knownIdsOf } from "./inbox-entry.js";
import type { InboxVerdict, NewInboxRow } from "./inbox-rows.js";
import { judge } from "./notification-rules.js";
import { type Reported, reportedBy } from "./reported.js";

/** Stores a notification together with its effect, or that it came again. */
export async function receiveNotification(
  context: LedgerContext,
  received: ReceivedNotification,
): Promise<NotificationReceipt> {
  checkReceived(received);
  return retryConflicts(() =>
    context.store.transaction(async (tx) => {
      const known = await knownIdsOf(context.mid, tx, received);
      const row = inboxEntry(context.mid, received, { receivedAt: context.now(tx), known });
      // First of all, so that another delivery of the same waits until this one is done.
      const isNew = (await tx.inbox.insert(row)) !== undefined;
      const { effect, orderId } = isNew
        ? await judgeNew(context, tx, received, row)
        : await receiveAgain(tx, row);
      return { effect, ...given({ orderId }) };
    }),
  );
}

async function receiveAgain(tx: LedgerTransaction, row: NewInboxRow): Promise<InboxVerdict> {
  const first = await tx.inbox.first(row);
  if (first === undefined) throw new LedgerError("broken-rule", "A notification is there and is not");
  const { orderId } = first;
  if (first.fingerprint === row.fingerprint) {
    await tx.inbox.countRepeat(row, row.fingerprint);
    return { effect: "known", reason: null, orderId };
  }
  // Whichever came first from a source that is not listed may be the one that a stranger made up.
  const verdict = row.listed
    ? ({ effect: "conflicting", reason: "other-content", orderId } as const)
    : await besideUnlisted(tx, row);
  const beside = await tx.inbox.insert({ ...row, beside: true, ...verdict });
  if (beside === undefined) await tx.inbox.countRepeat(row, row.fingerprint);
  return verdict;
}

async function besideUnlisted(tx: LedgerTransaction, { mid, oid }: NewInboxRow): Promise<InboxVerdict> {
  const { orderId } = await orderNamedBy(tx, mid, { oid: oid ?? undefined });
  return { effect: "quarantined", reason: "other-content", orderId: orderId ?? null };
}

async function judgeNew(
  context: LedgerContext,
  tx: LedgerTransaction,
  received: ReceivedNotification,
  row: NewInboxRow,
): Promise<InboxVerdict> {
  const verdict = await effectOf(context, tx, reportedBy(received.notification), row);
  await tx.inbox.judge(row.id, verdict);
  return verdict;
}

/** Finds out what a notification is about, judges it, and does what follows. */
export async function effectOf(
  { mid }: LedgerContext,
  tx: LedgerTransaction,
  reported: Reported,
  row: NewInboxRow,
  isReleased = false,
): Promise<InboxVerdict> {
  const { oid, tid, what } = reported;
  if (reported.mid !== undefined && reported.mid !== mid) {
    return { effect: "quarantined", reason: "other-merchant", orderId: null };
  }
  const { link, orderId } = await orderNamedBy(tx, mid, { oid });
  if (what === "unrecognised") {
    // Whoever releases it has looked into it, and there is nothing more that could ever be done with it.
    const effect = isReleased ? "ignored" : "quarantined";
    return { effect, reason: "unrecognised", orderId: orderId ?? null };
  }
  if (oid === undefined || orderId === undefined) {
    return what === "nothing"
      ? { effect: "ignored", reason: null, orderId: null }
      : { effect: "quarantined", reason: "unknown-order", orderId: null };
  }
  const links = await tx.links.lock(mid, orderId);
  const situation = {
    reported: { ...reported, oid, what },
    listed: row.listed || isReleased,
    order: await tx.lockOrder(mid, orderId),
    link,
    links,
    tidIsKnown: await tx.tidIsKnown(mid, tid),
    reportedBefore: await tx.inbox.reportedOtherwise(row, orderId),
  };
  return { ...(await apply(tx, situation, judge(situation), row.receivedAt)), orderId };
}
