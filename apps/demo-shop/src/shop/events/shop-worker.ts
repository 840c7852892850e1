import type { EventHandlers, OrderEvent, Worker } from "@payapi/ledger";
import type { Pool, PoolClient } from "pg";
import type { Shop } from "../shop.js";
import { closingOf, endAlarm, endOrderAlarm, type OrderAlarmKind, raiseAlarm } from "./alarms.js";
import { giveUp, hold, prepare, resume } from "./fulfilment.js";

/** Processes that say this name share the events. */
export const consumer = "demo-shop";

const recoverEveryMs = 10_000;

/** Recovers what dead processes left behind, and acts on what happens to payments, until the ledger is closed. */
export function startShopWorker(shop: Pick<Shop, "ledger" | "pool">): Worker {
  return shop.ledger.operations.startWorker({
    consumer,
    on: shopHandlers(shop),
    // More often than a real shop needs to, for whoever watches.
    recoverEveryMs,
    onError(error, event) {
      const what = event === undefined ? "The worker" : `The worker's ${event.kind} event ${event.id}`;
      console.error(`${what} failed: ${error instanceof Error ? error.message : typeof error}`);
    },
  });
}

/** What the shop does about each kind of event, each time in one transaction with the memory of having done it. */
export function shopHandlers({ ledger, pool }: Pick<Shop, "ledger" | "pool">): EventHandlers {
  const handle =
    <Event extends OrderEvent>(effect: (client: PoolClient, event: Event) => Promise<void>) =>
    (event: Event) =>
      takeOnce(pool, event, (client) => effect(client, event));
  /** An event says how things were. Nobody is called for what was found out since; that is told by an event of its own. */
  const ifStillUnknown =
    <Event extends OrderEvent>(take: (event: Event) => Promise<void>) =>
    async (event: Event) => {
      if ((await ledger.payments.find(event.orderId))?.status === "unknown") await take(event);
    };

  const ship = handle(async (client, event) => {
    await endAlarm(client, event);
    await prepare(client, event.orderId);
  });
  const stop = async (event: OrderEvent<OrderAlarmKind>) => {
    const closing = closingOf(await ledger.payments.timeline(event.orderId));
    await takeOnce(pool, event, async (client) => {
      // It may be what became of a call that was unknown: the new alarm takes the old one's place.
      await endAlarm(client, event);
      await raiseAlarm(client, event);
      // The staff may be faster than the worker.
      if (closing !== undefined) await endOrderAlarm(client, event.id, closing.at, closing.actor ?? "");
      // An order that the ledger does not lock may still be paid as asked, and is delivered then.
      const { status } = event.order;
      await hold(client, event.orderId, { ahead: status === "needs-review" || status === "unknown" });
    });
  };
  return {
    approved: ship,
    deposited: ship,
    declined: handle(endAlarm),
    "net-cancelled": handle(endAlarm),
    // Nothing is being prepared yet, so there is nothing to hold.
    unknown: ifStillUnknown(handle<OrderEvent<"unknown">>(raiseAlarm)),
    "cancel-unknown": ifStillUnknown(stop),
    "needs-review": stop,
    reversed: stop,
    // The order's own events hold its goods, if money contradicts it.
    "notification-needs-review": (event) => takeOnce(pool, event, (client) => raiseAlarm(client, event)),
    settled: handle(goOn),
    "partially-cancelled": handle(goOn),
    cancelled: handle(async (client, event) => {
      await endAlarm(client, event);
      await giveUp(client, event.orderId);
    }),
  };
}

/** What was in doubt is over; goods of an order that is still paid may go. */
async function goOn(client: PoolClient, event: OrderEvent): Promise<void> {
  await endAlarm(client, event);
  const { status } = event.order;
  if (status === "paid" || status === "partially-cancelled") await resume(client, event.orderId);
}

/**
 * Does something about an event and remembers the event, both or neither: the ledger tells each at least once, and a worker
 * that ended between its work and saying so is told again.
 */
async function takeOnce(
  pool: Pool,
  { id, kind, orderId }: { readonly id: string; readonly kind: string; readonly orderId?: string },
  effect: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    // The second transaction waits here until the first has committed.
    const { rowCount } = await client.query(
      `insert into demo_shop.handled_events (id, kind, order_id) values ($1, $2, $3) on conflict do nothing`,
      [id, kind, orderId ?? null],
    );
    if (rowCount === 1) await effect(client);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch((lost: Error) => {
      broken = lost;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
