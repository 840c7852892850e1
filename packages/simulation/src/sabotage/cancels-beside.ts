import { randomUUID } from "node:crypto";
import type { CancelRequest, ReservedCancel } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import type { LedgerChanges } from "../world/changed-ledger.js";

/** Cancels that are sent without the ledger: `callOf` makes one, or leaves the request to the ledger. */
export function cancelsBeside(
  ledger: Ledger,
  callOf: (request: CancelRequest) => Promise<Omit<ReservedCancel, "kind" | "id" | "orderId"> | undefined>,
): LedgerChanges {
  const own = new Set<string>();
  return {
    store: {
      reserveCancel: async (request) => {
        const call = await callOf(request);
        if (call === undefined) return ledger.store.reserveCancel(request);
        const id = randomUUID();
        own.add(id);
        return { status: "reserved", call: { kind: "cancel", id, orderId: request.orderId, ...call } };
      },
      markSending: async (call) => (own.has(call.id) ? undefined : ledger.store.markSending(call)),
      settle: async (call, outcome) => {
        const order = own.has(call.id) ? await ledger.payments.find(call.orderId) : undefined;
        return order ?? ledger.store.settle(call, outcome);
      },
    },
  };
}
