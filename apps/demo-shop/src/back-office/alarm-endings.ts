import { closingOf } from "../shop/dealt-with.js";
import type { Alarm } from "../shop/events/alarms.js";
import type { Shop } from "../shop/shop.js";

/** What ends an open alarm. */
export type AlarmEnding =
  /** An event: the money's whereabouts become known. */
  | "fact"
  /** The word that closes the order, written on its page. */
  | "order"
  /** That word was written elsewhere, and only the alarm is left. */
  | "order-closed"
  /** Nothing in the ledger waits for it: whoever looked into it says so. */
  | "mark"
  /** The same, and goods of a paid order are held until then. */
  | "mark-and-go-on";

/** What ends each of these alarms that is open, by its id. */
export async function endingsOf(
  { ledger, orders, fulfilment }: Pick<Shop, "ledger" | "orders" | "fulfilment">,
  alarms: readonly Alarm[],
): Promise<ReadonlyMap<string, AlarmEnding>> {
  const open = alarms.filter(({ done }) => done === undefined);
  const ids = open.flatMap(({ orderId }) => orderId ?? []);
  const [unknowns, known, goods] = await Promise.all([
    ledger.unknowns(),
    orders.findMany(ids),
    fulfilment.latestOf(ids),
  ]);
  const listed = new Set(unknowns.map(({ orderId }) => orderId));
  const endingOf = async ({ kind, orderId = "" }: Alarm): Promise<AlarmEnding> => {
    if (kind === "unknown" || kind === "cancel-unknown") return "fact";
    if (kind === "notification-needs-attention") return "mark";
    // An order of somebody else's has no page here.
    if (listed.has(orderId)) return known.has(orderId) ? "order" : "mark";
    if (closingOf(await ledger.timeline(orderId)) !== undefined) return "order-closed";
    const status = (await ledger.findOrder(orderId))?.status;
    const isPaid = status === "paid" || status === "partially-cancelled";
    return isPaid && goods.get(orderId) === "held" ? "mark-and-go-on" : "mark";
  };
  return new Map(await Promise.all(open.map(async (alarm) => [alarm.id, await endingOf(alarm)] as const)));
}
