import type { EventHandlers, OrderEvent, Worker } from "@payapi/ledger";
import type { Pool, PoolClient } from "pg";
import type { Shop } from "../shop.js";
import { giveUp, hold, prepare, resume } from "./fulfilment.js";

/** Processes with this consumer name share the events. */
export const consumer = "demo-shop";

const recoverEveryMs = 10_000;

/** Recovers interrupted calls and handles events, until the ledger is closed. */
export function startShopWorker(shop: Pick<Shop, "ledger" | "pool">): Worker {
  return shop.ledger.operations.startWorker({
    consumer,
    on: shopHandlers(shop),
    // More often than a real shop needs, for the demo.
    recoverEveryMs,
    onError(error, event) {
      const what = event === undefined ? "The worker" : `The worker's ${event.kind} event ${event.id}`;
      console.error(`${what} failed: ${error instanceof Error ? error.message : typeof error}`);
    },
  });
}

/** The handler of each kind of event. Each stores the event's id in the transaction of its effect. */
export function shopHandlers({ ledger, pool }: Pick<Shop, "ledger" | "pool">): EventHandlers {
  const handle =
    (effect: (client: PoolClient, event: OrderEvent) => Promise<void>) =>
    (event: OrderEvent): Promise<void> =>
      takeOnce(pool, event, (client) => effect(client, event));
  const ship = handle((client, { orderId }) => prepare(client, orderId));
  const stop = handle((client, { orderId, order: { status } }) =>
    // An order that the ledger does not lock may still be paid as requested, and is delivered then.
    hold(client, orderId, { ahead: status === "needs-review" || status === "unknown" }),
  );
  /** The outcome is known; goods of an order that is still paid are prepared again. */
  const goOn = handle(async (client, { orderId, order: { status } }) => {
    if (status === "paid" || status === "partially-cancelled") await resume(client, orderId);
  });
  return {
    approved: ship,
    deposited: ship,
    // An event reports an earlier state: an outcome that is known by now does not hold the goods.
    async "cancel-unknown"(event) {
      if ((await ledger.payments.find(event.orderId))?.status === "unknown") await stop(event);
    },
    "needs-review": stop,
    reversed: stop,
    settled: goOn,
    corrected: handle(async (client, { orderId, order: { status } }) => {
      if (status === "paid" || status === "partially-cancelled") await resume(client, orderId);
      else await hold(client, orderId, { ahead: false });
    }),
    "partially-cancelled": goOn,
    cancelled: handle((client, { orderId }) => giveUp(client, orderId)),
  };
}

/**
 * Runs an effect and stores the event's id in one transaction. The ledger delivers each event at least once: a worker that died
 * between its effect and the confirmation gets the event again.
 */
async function takeOnce(
  pool: Pool,
  { id, kind, orderId }: OrderEvent,
  effect: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("begin");
    // The second transaction waits here until the first has committed.
    const { rowCount } = await client.query(
      `insert into demo_shop.handled_events (id, kind, order_id) values ($1, $2, $3) on conflict do nothing`,
      [id, kind, orderId],
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
