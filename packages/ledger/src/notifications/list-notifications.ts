import { checkLimit } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import { given } from "../order-view.js";
import { isMasked } from "./inbox-entry.js";
import { type InboxRow, notificationEffects } from "./inbox-rows.js";
import type { ListedNotification, NotificationListOptions } from "./public-types.js";

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
  return context.store.read(async (tx) => (await tx.inbox.newest(context.mid, page)).map(viewRow));
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
