import { randomUUID } from "node:crypto";
import type { EventHandlers, HandlerContext, Ledger, LedgerEvent } from "@payapi/ledger";
import { keyEventKinds, orderEventKinds } from "@payapi/ledger";
import type { LedgerStore } from "@payapi/ledger/internal";

/** Handlers that take every kind of event. */
export function everything(
  take: (event: LedgerEvent, context: HandlerContext) => void | Promise<void>,
): EventHandlers {
  const kinds = [...orderEventKinds, ...keyEventKinds, "escrow", "notification-needs-review"];
  return Object.fromEntries(kinds.map((kind) => [kind, take]));
}

/** The events that one run delivers to a consumer. */
export async function deliver(ledger: Ledger, consumer = "shop"): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  await ledger.operations.runOnce({ consumer, on: everything((event) => void events.push(event)) });
  return events;
}

/** Approved events as many payments would have written them: of the orders `name-1` to `name-n`, in that order. */
export async function addEvents(
  store: LedgerStore,
  { mid, at: now, name = "order", count }: { mid: string; at: Date; name?: string; count: number },
): Promise<string[]> {
  const orderIds = Array.from({ length: count }, (_, i) => `${name}-${i + 1}`);
  // As shops write them, in short transactions: filling a queue waits for a writer at most two seconds.
  for (let first = 0; first < count; first += 100) {
    const part = orderIds.slice(first, first + 100);
    const events = part.map((orderId) => ({
      id: randomUUID(),
      mid,
      kind: "approved",
      orderingKey: `order:${orderId}`,
      at: now,
      data: JSON.stringify({ orderId }),
    }));
    await store.save({ mid, events });
  }
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
