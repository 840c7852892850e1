import type { Notification } from "@payapi/core/notifications";
import type { LedgerContext } from "../context.js";
import type { LinkRow } from "../payment-page/link-rows.js";
import type { LedgerTransaction } from "../store.js";
import { type Reported, reportedBy } from "./reported.js";

/**
 * What a notification is about, if its order number or its transaction is known. Of one that names both the order counts,
 * so that nobody who knows one transaction gets a subject of his own with every order number that he makes up.
 */
export function findNotified(
  { mid, store }: LedgerContext,
  notification: Notification,
): Promise<string | undefined> {
  const reported = reportedBy(notification);
  if (reported.mid !== undefined && reported.mid !== mid) return Promise.resolve(undefined);
  return store.transaction(async (tx) => {
    const { orderId } = await orderNamedBy(tx, mid, reported);
    if (orderId !== undefined) return `order ${orderId}`;
    return (await tx.tidIsKnown(mid, reported.tid)) ? `tid ${reported.tid}` : undefined;
  });
}

/** The order with the order number that a notification names: that of a link to the payment page, or of an attempt. */
export async function orderNamedBy(
  tx: LedgerTransaction,
  mid: string,
  { oid }: Pick<Reported, "oid">,
): Promise<{ readonly link: LinkRow | undefined; readonly orderId: string | undefined }> {
  if (oid === undefined) return { link: undefined, orderId: undefined };
  const link = await tx.links.byOid(mid, oid);
  return { link, orderId: link?.orderId ?? (await tx.orderOfOid(mid, oid)) };
}
