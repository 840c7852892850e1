import type { PayApi } from "@payapi/core";
import { type Ledger, openLedger } from "@payapi/ledger";

export interface Shop {
  readonly payapi: PayApi;
  readonly database: string;
  readonly schema: string;
  /** A folder on a disk that outlives the process, so not in a container's own file system. */
  readonly journal: string;
  readonly secret: string;
  ship(orderId: string, eventId: string): Promise<void>;
  alarm(message: string): void;
  log(line: string): void;
}

export function openShopLedger({ payapi, database, schema, journal, secret }: Shop): Promise<Ledger> {
  return openLedger({ payapi, database, schema, journal, secrets: { current: secret } });
}

/** Any number of processes may run a worker; one is enough. */
export function startShopWorker(ledger: Ledger, shop: Shop) {
  return ledger.operations.startWorker({
    consumer: "shop",
    on: {
      // Delivered at least once: store the event's id with your work.
      approved: ({ orderId, id }) => shop.ship(orderId, id),
      deposited: ({ orderId, id }) => shop.ship(orderId, id),
      unknown: ({ orderId }) => shop.alarm(`It is unknown whether ${orderId} was charged`),
      "needs-review": ({ orderId }) => shop.alarm(`The order ${orderId} needs review`),
      "notification-needs-review": ({ reason }) => shop.alarm(`A notification needs review: ${reason}`),
    },
    // Logged only, since it is retried. Repeated failures show in deadLetters() and needsReview().
    onError: (error, event) => shop.log(`${event?.kind ?? "worker"} ${event?.id ?? ""} ${String(error)}`),
  });
}
