import { checkLimit } from "../commands/check-request.js";
import type { LedgerContext } from "../commands/context.js";
import { isMasked } from "../commands/inbox-entry.js";
import type { ListedNotification, NotificationListOptions } from "../commands/notification-types.js";
import { type InboxRow, notificationEffects } from "../domain/notification-rows.js";
import { given } from "../domain/order-status.js";
import { LedgerError } from "../errors.js";

export async function listNotifications(
  context: LedgerContext,
  { effect, limit = 50, before }: NotificationListOptions = {},
): Promise<readonly ListedNotification[]> {
  checkLimit(limit);
  if (effect !== undefined && !notificationEffects.includes(effect)) {
    throw new LedgerError("invalid-argument", "effect must be one that a receipt has");
  }
  const page = {
    limit,
    ...(before === undefined ? {} : { before }),
    ...(effect === undefined ? {} : { effect }),
  };
  return context.store.read(async (tx) => (await tx.newestInboxRows(context.mid, page)).map(viewRow));
}

function viewRow(row: InboxRow): ListedNotification {
  const { id, position, kind, event, tid, fields, listed, effect, receivedAt, repeats } = row;
  const { reason, orderId, oid, price, account, occurredAt } = row;
  const { releasedAt, releasedBy, releaseEvidence } = row;
  return {
    id,
    position,
    receivedAt,
    kind: kind as ListedNotification["kind"],
    event,
    effect,
    tid,
    tidIsMasked: isMasked(tid),
    source: { listed, ...given({ address: row.source }) },
    repeats,
    fields,
    ...(releasedAt === null || releasedBy === null || releaseEvidence === null
      ? {}
      : { released: { at: releasedAt, actor: releasedBy, evidence: releaseEvidence } }),
    ...given({ reason, orderId, oid, price, account, occurredAt }),
  };
}
