import type { NotificationReceipt } from "@payapi/core";
import type { InboxVerdict } from "../domain/notification-rows.js";
import { verdictWithoutOrder } from "../domain/notifications.js";
import { given } from "../domain/order-status.js";
import { changeOrder, notQuarantined } from "./change-order.js";
import { checkText, checkTid, keptWord } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";
import type { NotificationWord } from "./notification-types.js";
import { orderOf, questionOf } from "./receive-notification.js";
import { reportedByRow } from "./restore-notification.js";
import { retryConflicts } from "./settle.js";

/**
 * Judges a quarantined notification again, as one from a listed source: an operator vouches for it. Nothing else is
 * believed of it, so that it may be quarantined still, or turn out to contradict the record. One that nobody can read is ignored
 * from then on.
 */
export async function releaseNotification(
  context: LedgerContext,
  id: string,
  word: NotificationWord,
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
): Promise<InboxVerdict> {
  const { mid, store } = context;
  const row = await store.inboxRow(mid, id);
  if (row?.effect !== "quarantined") throw notQuarantined();
  const reported = await reportedByRow(context, row, named);
  const { tid } = reported;
  const found = await store.notified(mid, questionOf(reported, row));
  const releaseAt = (verdict: InboxVerdict, at: Date) => ({
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
