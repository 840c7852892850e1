import { randomUUID } from "node:crypto";
import type { EventHandlers, HandlerContext, Ledger, LedgerEvent } from "@payapi/ledger";
import { keyEventKinds, orderEventKinds } from "@payapi/ledger";
import type { LedgerStore } from "@payapi/ledger/store";

/** Handlers that take every kind of event. */
export function everything(
  take: (event: LedgerEvent, context: HandlerContext) => void | Promise<void>,
): EventHandlers {
  const kinds = [...orderEventKinds, ...keyEventKinds, "escrow", "notification-needs-attention"];
  return Object.fromEntries(kinds.map((kind) => [kind, take]));
}

/** What one run tells a consumer. */
export async function told(ledger: Ledger, consumer = "shop"): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  await ledger.runOnce({ consumer, on: everything((event) => void events.push(event)) });
  return events;
}

/** Approved events as many payments would have written them: of the orders `name-1` to `name-n`, in that order. */
export async function addEvents(
  store: LedgerStore,
  { mid, at, name = "order", count }: { mid: string; at: Date; name?: string; count: number },
): Promise<string[]> {
  const orderIds = Array.from({ length: count }, (_, i) => `${name}-${i + 1}`);
  await store.transaction(async (tx) => {
    for (const orderId of orderIds) {
      const data = JSON.stringify({ orderId });
      const stream = `order:${orderId}`;
      await tx.events.addEvent({ id: randomUUID(), mid, kind: "approved", stream, at, data });
    }
  });
  return orderIds;
}

/** A promise and the way to keep it. */
export function promised<T = void>() {
  let keep: (value: T) => void = () => {};
  const kept = new Promise<T>((resolve) => {
    keep = resolve;
  });
  return { kept, keep };
}
