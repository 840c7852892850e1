import { type Notification, parseNotification, tidFieldOf } from "@payapi/core/notifications";
import type { InboxRow } from "../domain/notification-rows.js";
import { type Reported, reportedBy } from "../domain/reported.js";
import { LedgerError } from "../errors.js";
import type { LedgerContext } from "./context.js";
import { isMasked } from "./inbox-entry.js";

/**
 * What a kept notification says. Its columns hold ids that its redacted fields don't. A transaction that is masked even
 * there is found among the order's own, or named by an operator; no other than the one that was notified is taken.
 */
export async function reportedByRow(
  context: LedgerContext,
  row: InboxRow,
  named: string | undefined,
): Promise<Reported> {
  const { mid } = context;
  const tid = isMasked(row.tid) ? await unmaskedTid(context, row, named) : row.tid;
  if (named !== undefined && named !== tid) throw otherTid();
  const { oid, price, account, occurredAt } = row;
  const reported = reportedBy(notificationOf(row, tid));
  // A merchant's own id may have such digits, too; it was compared when the notification came.
  const isOurs = reported.mid !== undefined && isMasked(reported.mid) && row.reason !== "other-merchant";
  return {
    ...reported,
    mid: isOurs ? mid : reported.mid,
    tid,
    oid: oid ?? undefined,
    price: price ?? undefined,
    account: account ?? undefined,
    at: occurredAt ?? undefined,
  };
}

async function unmaskedTid(
  { mid, store }: LedgerContext,
  row: InboxRow,
  named: string | undefined,
): Promise<string> {
  const { approvals, cancels } =
    row.orderId === null ? { approvals: [], cancels: [] } : (await store.load(mid, row.orderId)).order;
  const own = [
    ...approvals.flatMap(({ tid, authTid }) => [tid, authTid]),
    ...cancels.map(({ cancelTid }) => cancelTid),
  ].filter((tid) => tid !== null);
  const candidates = named === undefined ? own : [named];
  const tid = candidates.find((candidate) => notificationOf(row, candidate).dedupeKey === row.dedupeKey);
  if (tid !== undefined) return tid;
  if (named !== undefined) throw otherTid();
  throw new LedgerError(
    "masked-tid",
    "The transaction of this notification is kept masked, since its digits might be a card's: give its tid as the gateway's console shows it",
  );
}

function otherTid(): LedgerError {
  return new LedgerError("invalid-argument", "tid is not the transaction that was notified");
}

// Nothing that decides is longer; words for people may outgrow core's limits in another charset.
const longestThatDecides = 100;

/** The notification as core read it, from the fields that were kept; secrets that were redacted meant nothing to anybody. */
function notificationOf({ kind, fields }: InboxRow, tid: string): Notification {
  const known = kind as Notification["kind"];
  const short = Object.entries(fields).filter(([, value]) => value.length <= longestThatDecides);
  const body = new URLSearchParams([
    ...short.filter(([name]) => name !== tidFieldOf(known)),
    [tidFieldOf(known), tid],
  ]);
  return parseNotification(new TextEncoder().encode(body.toString()), { charset: "utf-8", kind: known });
}
