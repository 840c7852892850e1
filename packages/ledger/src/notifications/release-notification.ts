import type { NotificationReceipt } from "@payapi/core";
import { type Notification, parseNotification } from "@payapi/core/notifications";
import { checkText, keptWord } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import { given } from "../order-view.js";
import { retryConflicts } from "../settle.js";
import type { InboxRow } from "./inbox-rows.js";
import type { NotificationWord } from "./public-types.js";
import { effectOf } from "./receive-notification.js";

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
  return retryConflicts(() =>
    context.store.transaction(async (tx) => {
      const at = context.now(tx);
      const row = await tx.inbox.release(context.mid, id, { actor, evidence, at });
      if (row === undefined) {
        throw new LedgerError("no-such-call", "No quarantined notification goes by this id");
      }
      const source = { address: row.source ?? undefined, listed: true };
      const received = { notification: notificationOf(row), bodyFingerprint: row.fingerprint, source };
      const verdict = await effectOf(context, tx, received, { ...row, receivedAt: at }, true);
      await tx.inbox.judge(row.id, verdict);
      return { effect: verdict.effect, ...given({ orderId: verdict.orderId }) };
    }),
  );
}

/** The notification as core read it, from the fields that were kept; secrets that were redacted meant nothing to anybody. */
function notificationOf({ kind, fields }: InboxRow): Notification {
  const body = new TextEncoder().encode(new URLSearchParams({ ...fields }).toString());
  return parseNotification(body, { charset: "utf-8", kind: kind as Notification["kind"] });
}
