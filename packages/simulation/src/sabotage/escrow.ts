import { randomUUID } from "node:crypto";
import { isPayApiError } from "@payapi/core";
import type { Sabotage } from "./sabotage.js";

/** Mistakes about escrow purchases. */
export const escrowMistakes = {
  "refund-of-escrow-unrecorded": {
    what: "accepts an escrow rejection without recording a cancel",
    foundBy: 6,
    ledger: (ledger) => {
      const own = new Set<string>();
      return {
        store: {
          reserveCancel: async (request) => {
            const order = request.escrow === true ? await ledger.payments.find(request.orderId) : undefined;
            if (order?.tid === undefined) return ledger.store.reserveCancel(request);
            const id = randomUUID();
            own.add(id);
            const { orderId, tid, remainingPrice, payType = "card" } = order;
            const operation = "escrow.confirmRejection";
            const asked = { operation, payType, tid, cancelPrice: remainingPrice, confirmPrice: 0 } as const;
            return { status: "reserved", call: { kind: "cancel", id, orderId, ...asked } };
          },
          markSending: async (call) => (own.has(call.id) ? undefined : ledger.store.markSending(call)),
          settle: async (call, outcome) => {
            const order = own.has(call.id) ? await ledger.payments.find(call.orderId) : undefined;
            return order ?? ledger.store.settle(call, outcome);
          },
        },
      };
    },
  },
  "escrow-refund-repeated": {
    what: "sends the acceptance of an escrow rejection again when no reply comes",
    foundBy: 7,
    client: (client) => ({
      ...client,
      escrow: {
        ...client.escrow,
        confirmRejection: async (input, options) => {
          try {
            return await client.escrow.confirmRejection(input, options);
          } catch (error) {
            if (!isPayApiError(error) || error.outcome !== "unknown") throw error;
            return client.escrow.confirmRejection(input);
          }
        },
      },
    }),
  },
  "escrow-said-unheard": {
    what: "takes an escrow call without a reply for done",
    foundBy: 29,
    client: (client) => ({
      ...client,
      escrow: {
        ...client.escrow,
        rejectPurchase: (input, options) => orDone(client.escrow.rejectPurchase(input, options)),
        registerDelivery: (input, options) => orDone(client.escrow.registerDelivery(input, options)),
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

interface Done {
  readonly resultCode: string;
  readonly resultMessage: string;
  readonly raw: Readonly<Record<string, unknown>>;
}

function orDone<T>(call: Promise<T>): Promise<T | Done> {
  return call.catch((error: unknown): Done => {
    if (!isPayApiError(error) || error.outcome !== "unknown") throw error;
    return { resultCode: "310000", resultMessage: "", raw: {} };
  });
}
