import type { PayApi } from "@payapi/core";
import { type Ledger, openLedger } from "@payapi/ledger";

export interface Shop {
  readonly payapi: PayApi;
  readonly database: string;
  readonly schema: string;
  /** On a disk that survives the process; not in a container's own file system. */
  readonly journal: string;
  readonly secret: string;
  ship(orderId: string, eventId: string): Promise<void>;
  alarm(message: string): void;
  log(line: string): void;
}

export function openShopLedger({ payapi, database, schema, journal, secret }: Shop): Promise<Ledger> {
  return openLedger({ payapi, database, schema, journal, secrets: { current: secret } });
}

/** In every process, or in one: any number may run. */
export function startShopWorker(ledger: Ledger, shop: Shop) {
  return ledger.operations.startWorker({
    consumer: "shop",
    on: {
      // At least once: remember the event's id where you remember what you did.
      approved: ({ orderId, id }) => shop.ship(orderId, id),
      deposited: ({ orderId, id }) => shop.ship(orderId, id),
      unknown: ({ orderId }) => shop.alarm(`Nobody knows whether ${orderId} was charged`),
      "needs-review": ({ orderId }) => shop.alarm(`The money of ${orderId} needs a person`),
      "notification-needs-review": ({ reason }) => shop.alarm(`A notification needs a person: ${reason}`),
    },
    // It is tried again: no alarm. What goes on failing is in deadLetters() and unknowns().
    onError: (error, event) => shop.log(`${event?.kind ?? "worker"} ${event?.id ?? ""} ${String(error)}`),
  });
}
