import type { EventHandlers, OrderEvent, Worker } from "@payapi/ledger";
import type { Pool, PoolClient } from "pg";
import type { Shop } from "../shop.js";
import { type AlarmKind, endAlarm, raiseAlarm } from "./alarms.js";
import { addStep, hold, resume } from "./fulfilment.js";
import { takeOnce } from "./take-once.js";

/** Processes that say this name share the events. */
export const consumer = "demo-shop";

const recoverEveryMs = 10_000;

/** Recovers what dead processes left behind, and acts on what happens to payments, until the ledger is closed. */
export function startShopWorker({ ledger, pool }: Pick<Shop, "ledger" | "pool">): Worker {
  return ledger.startWorker({
    consumer,
    on: shopHandlers(pool),
    // More often than a real shop needs to, for whoever watches.
    recoverEveryMs,
    onError(error, event) {
      const what = event === undefined ? "The worker" : `The worker's ${event.kind} event ${event.id}`;
      console.error(`${what} failed: ${error instanceof Error ? error.message : typeof error}`);
    },
  });
}

/** What the shop does about each kind of event, each time in one transaction with the memory of having done it. */
export function shopHandlers(pool: Pool): EventHandlers {
  const handle =
    <Event extends OrderEvent>(effect: (client: PoolClient, event: Event) => Promise<void>) =>
    (event: Event) =>
      takeOnce(pool, event, (client) => effect(client, event));

  const ship = handle(async (client, event) => {
    await endAlarm(client, event);
    await addStep(client, event.orderId, "preparing");
  });
  const stop = handle(async (client, event: OrderEvent<AlarmKind>) => {
    await raiseAlarm(client, event);
    await hold(client, event.orderId);
  });
  return {
    approved: ship,
    deposited: ship,
    declined: handle(endAlarm),
    "network-cancelled": handle(endAlarm),
    // Nothing is being prepared yet, so there is nothing to hold.
    unknown: handle(raiseAlarm),
    "cancel-unknown": stop,
    "needs-attention": stop,
    reversed: stop,
    settled: handle(goOn),
    "partially-cancelled": handle(goOn),
    cancelled: handle(async (client, event) => {
      await endAlarm(client, event);
      await addStep(client, event.orderId, "cancelled");
    }),
  };
}

/** What was in doubt is over; goods of an order that is still paid may go. */
async function goOn(client: PoolClient, event: OrderEvent): Promise<void> {
  await endAlarm(client, event);
  const { status } = event.order;
  if (status === "paid" || status === "partially-cancelled") await resume(client, event.orderId);
}
