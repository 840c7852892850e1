import { isPayApiError, isTransportError, TransportError } from "@payapi/core";
import type { Sabotage } from "./sabotage.js";

/** Mistakes on the way to the gateway. */
export const wireMistakes = {
  "send-before-commit": {
    what: "sends the first byte before the record has marked the call as sending",
    foundBy: 11,
    ledger: (ledger) => ({
      store: {
        markSending: async (call) => {
          void ledger.store.markSending(call).catch(() => {});
        },
      },
    }),
  },
  "never-mark-sending": {
    what: "never marks calls as sending",
    foundBy: 1,
    ledger: () => ({ store: { markSending: async () => {} } }),
  },
  "reset-is-not-sent": {
    what: "takes a reset connection for a call that was not sent",
    foundBy: 7,
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
    what: "takes HTTP 500 for a refusal",
    foundBy: 14,
    transport: (transport) => async (request) => {
      const reply = await transport(request);
      return reply.status === 500 ? { ...reply, status: 400 } : reply;
    },
  },
  "retry-on-timeout": {
    what: "sends a call again when no reply comes",
    foundBy: 1,
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
    what: "repeats an unknown partial cancel with a new remaining amount",
    foundBy: 7,
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
  "net-cancel-of-anything": {
    what: "cancels every payment that returns from the page unapproved, even another order's",
    foundBy: 1,
    ledger: (ledger, { client }) => ({
      store: {
        reserveApproval: async (request) => {
          const reservation = await ledger.store.reserveApproval(request);
          if (reservation.status === "refused" && request.page !== undefined) {
            const { payType, price, page } = request;
            const cancel = { tid: page.tid, payType, price, cancelType: "net-cancel" } as const;
            await client.payments.cancel(cancel).catch(() => {});
          }
          return reservation;
        },
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
