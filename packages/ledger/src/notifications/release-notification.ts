import type { NotificationReceipt } from "@payapi/core";
import { checkText, checkTid, keptWord } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import { given } from "../order-view.js";
import { retryConflicts } from "../settle.js";
import type { NotificationWord } from "./public-types.js";
import { effectOf } from "./receive-notification.js";
import { reportedByRow } from "./restore-notification.js";

/**
 * Judges a quarantined notification again, as one from a listed source: an operator vouches for it. Nothing else is
 * believed of it, so that it may be quarantined still, or turn out to contradict the record. One that nobody can read is ignored
 * from then on.
 */
export function releaseNotification(
  context: LedgerContext,
  id: string,
  word: NotificationWord,
): Promise<NotificationReceipt> {
  checkText("id", id, 100);
  const { actor, evidence } = keptWord(word);
  const { tid } = word;
  if (tid !== undefined) checkTid("tid", tid);
  return retryConflicts(() =>
    context.store.transaction(async (tx) => {
      const at = context.now(tx);
      const row = await tx.inbox.release(context.mid, id, { actor, evidence, at });
      if (row === undefined) {
        throw new LedgerError("no-such-call", "No quarantined notification goes by this id");
      }
      const reported = await reportedByRow(context.mid, tx, row, tid);
      if (reported.tid !== row.tid) await tx.inbox.recogniseTid(row.id, reported.tid);
      const judged = { ...row, tid: reported.tid, receivedAt: at };
      const verdict = await effectOf(context, tx, reported, judged, true);
      await tx.inbox.judge(row.id, verdict);
      return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
    }),
  );
}
