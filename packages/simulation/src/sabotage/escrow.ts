import { isPayApiError } from "@payapi/core";
import { cancelsBeside } from "./cancels-beside.js";
import type { Sabotage } from "./sabotage.js";

/** Mistakes about escrow purchases. */
export const escrowMistakes = {
  "refund-of-escrow-unrecorded": {
    what: "accepts an escrow rejection without recording a cancel",
    foundBy: 15,
    ledger: (ledger) =>
      cancelsBeside(ledger, async ({ orderId, escrow }) => {
        const order = escrow === true ? await ledger.payments.find(orderId) : undefined;
        if (order?.tid === undefined) return undefined;
        const { tid, oid = "", remainingPrice: cancelPrice, payType = "card" } = order;
        return { operation: "escrow.confirmRejection", oid, payType, tid, cancelPrice, confirmPrice: 0 };
      }),
  },
  "escrow-refund-repeated": {
    what: "sends the acceptance of an escrow rejection again when no reply comes",
    foundBy: 103,
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
    foundBy: 18,
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
