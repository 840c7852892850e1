import type { CallOutcome, ReservedCall } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import type { LedgerChanges } from "../world/changed-ledger.js";
import type { Sabotage } from "./sabotage.js";

/** Mistakes with wrong success replies. */
export const replyMistakes = {
  "mismatch-is-approved": {
    what: "accepts a success with another amount as the requested payment",
    foundBy: 41,
    ledger: (ledger) =>
      believing(ledger, (call, outcome) =>
        call.kind === "approval" && outcome.tid !== undefined ? { ...outcome, price: call.price } : undefined,
      ),
  },
  "order-number-for-a-tid": {
    what: "uses the order number as the transaction id where the reply has none",
    foundBy: 4,
    ledger: (ledger) =>
      believing(ledger, (call, outcome) =>
        call.kind === "approval" && outcome.tid === undefined
          ? { ...outcome, tid: call.oid, price: call.price }
          : undefined,
      ),
  },
  "mismatched-cancel-is-done": {
    what: "accepts a cancel of another amount as done",
    foundBy: 12,
    ledger: (ledger) =>
      believing(ledger, (call, { price: _, remainingPrice: __, ...outcome }) =>
        call.kind === "cancel" ? outcome : undefined,
      ),
  },
  "redirect-is-followed": {
    what: "follows a redirect by sending the call again",
    foundBy: 11,
    transport: (transport) => async (request) => {
      const reply = await transport(request);
      if (reply.status !== 302 && reply.status !== 307) return reply;
      return transport({ ...request, beforeSend: undefined });
    },
  },
  "no-code-is-refused": {
    what: "takes an unreadable reply for a refusal",
    foundBy: 12,
    transport: (transport) => async (request) => {
      const reply = await transport(request);
      const text = Buffer.from(reply.body).toString();
      const isReadable = /"ResultCode":"\w+"|P_STATUS=\w+/.test(text);
      if (reply.status !== 200 || isReadable || !/ResultCode|P_STATUS/.test(text)) return reply;
      const refusal = text.startsWith("P_") ? "P_STATUS=99" : '{"ResultCode":"9999"}';
      return { ...reply, body: Buffer.from(refusal) };
    },
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

/** The ledger, which gets `succeeded` for calls that moved money otherwise than requested. */
function believing(
  ledger: Ledger,
  believe: (call: ReservedCall, outcome: CallOutcome) => CallOutcome | undefined,
): LedgerChanges {
  return {
    store: {
      settle: (call, outcome) => {
        const believed = outcome.outcome === "moved" ? believe(call, outcome) : undefined;
        return ledger.store.settle(
          call,
          believed === undefined ? outcome : { ...believed, outcome: "succeeded" },
        );
      },
    },
  };
}
