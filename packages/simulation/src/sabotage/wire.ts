import { isPayApiError, isTransportError, TransportError } from "@payapi/core";
import type { Sabotage } from "./sabotage.js";

/** Mistakes on the way to the gateway. */
export const wireMistakes = {
  "send-before-commit": {
    what: "the first byte leaves while the record is still being told",
    foundBy: 1,
    ledger: (ledger) => ({
      ...ledger,
      markSending: async (call) => {
        void ledger.markSending(call).catch(() => {});
      },
    }),
  },
  "never-mark-sending": {
    what: "the record is not told that a call leaves",
    foundBy: 1,
    ledger: (ledger) => ({ ...ledger, markSending: async () => {} }),
  },
  "reset-is-not-sent": {
    what: "a connection that was reset is taken for a call that was not sent",
    foundBy: 3,
    transport: (transport) => async (request) => {
      try {
        return await transport(request);
      } catch (error) {
        if (!isTransportError(error) || error.failure !== "connection-lost") throw error;
        throw new TransportError("not-sent", false, "ECONNRESET");
      }
    },
  },
  "server-error-is-refused": {
    what: "HTTP 500 is taken for a refusal",
    foundBy: 1,
    transport: (transport) => async (request) => {
      const reply = await transport(request);
      return reply.status === 500 ? { ...reply, status: 400 } : reply;
    },
  },
  "retry-on-timeout": {
    what: "a call whose reply does not come is sent again",
    foundBy: 4,
    transport: (transport) => async (request) => {
      try {
        return await transport(request);
      } catch (error) {
        if (!isTransportError(error) || error.failure !== "deadline") throw error;
        return transport({ ...request, beforeSend: undefined });
      }
    },
  },
  "recompute-confirm-price": {
    what: "a partial cancel that is unknown is sent again, with what would remain after it now",
    foundBy: 1,
    client: (client) => ({
      ...client,
      payments: {
        ...client.payments,
        cancelPartially: async (input, options) => {
          try {
            return await client.payments.cancelPartially(input, options);
          } catch (error) {
            const { cancelPrice, confirmPrice } = input;
            if (!isPayApiError(error) || error.outcome !== "unknown" || confirmPrice < cancelPrice)
              throw error;
            return client.payments.cancelPartially({ ...input, confirmPrice: confirmPrice - cancelPrice });
          }
        },
      },
    }),
  },
  "network-cancel-of-anything": {
    what: "whatever comes back from the page and is not approved is cancelled, whose payment it may be",
    foundBy: 3,
    ledger: (ledger, { client }) => ({
      ...ledger,
      reserveApproval: async (request) => {
        const reservation = await ledger.reserveApproval(request);
        if (reservation.status === "refused" && request.page !== undefined) {
          const { payType, price, page } = request;
          const cancel = { tid: page.tid, payType, price, cancelType: "network-cancel" } as const;
          await client.payments.cancel(cancel).catch(() => {});
        }
        return reservation;
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
