import { randomUUID } from "node:crypto";
import type { FullPaymentStore } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";

/** A sabotaged store, and the case that must catch it. */
export interface Sabotage {
  readonly caughtBy: string;
  /** What stands in the way of the correct store's methods. */
  readonly change: (good: Ledger) => Partial<FullPaymentStore>;
}

export type Sabotages = Readonly<Record<string, Sabotage>>;

/** Lets every other caller that is under way come to the same point: what races over a database. */
export const othersToo = () => new Promise((resolve) => setImmediate(resolve));

/** One sabotage that several cases must catch, under a name for each. */
export function alike(caughtBy: Readonly<Record<string, string>>, change: Sabotage["change"]): Sabotages {
  return Object.fromEntries(Object.entries(caughtBy).map(([name, by]) => [name, { caughtBy: by, change }]));
}

/** Reads whether the order is free and reserves later, so that concurrent callers all succeed. */
export const reservesWithoutLock: Sabotage["change"] = (good) => ({
  async reserveApproval(request) {
    const order = await good.payments.find(request.orderId);
    await othersToo();
    const reservation = await good.store.reserveApproval(request);
    if (reservation.status === "reserved" || order !== undefined) return reservation;
    const { orderId, price, page } = request;
    const call = {
      kind: "approval",
      id: randomUUID(),
      orderId,
      oid: page?.oid ?? randomUUID(),
      price,
    } as const;
    return { status: "reserved", call };
  },
});
