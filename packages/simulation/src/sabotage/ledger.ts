import { randomUUID } from "node:crypto";
import type { CallOutcome, ReservedCall } from "@payapi/core";
import { createLedger, decide } from "@payapi/ledger/internal";
import { cancelsBeside } from "./cancels-beside.js";
import type { Sabotage } from "./sabotage.js";

const unknownIsRefused = (outcome: CallOutcome): CallOutcome =>
  outcome.outcome === "unknown" ? { ...outcome, outcome: "refused" } : outcome;

/** Mistakes in what the ledger stores, and when. */
export const ledgerMistakes = {
  "acknowledge-before-commit": {
    what: "acknowledges a notification while it is still being stored",
    foundBy: 1,
    ledger: (ledger) => ({
      store: {
        receiveNotification: async (received) => {
          void ledger.store.receiveNotification(received).catch(() => {});
          return { effect: "applied" };
        },
      },
    }),
  },
  "acknowledge-anyway": {
    what: "acknowledges a notification that could not be stored",
    foundBy: 1,
    ledger: (ledger) => ({
      store: {
        receiveNotification: (received) =>
          ledger.store.receiveNotification(received).catch(() => ({ effect: "ignored" })),
      },
    }),
  },
  "forget-events": {
    what: "takes a repeated notification for a new one",
    foundBy: 1,
    store: (store) => ({
      ...store,
      notified: (mid, { row, ...question }) => {
        const another = { ...row, dedupeKey: `${row.dedupeKey} ${randomUUID()}` };
        return store.notified(mid, { ...question, row: another });
      },
      save: ({ inbox, ...save }) => {
        if (inbox === undefined || !("insert" in inbox))
          return store.save({ ...save, ...(inbox && { inbox }) });
        const insert = { ...inbox.insert, dedupeKey: `${inbox.insert.dedupeKey} ${randomUUID()}` };
        return store.save({ ...save, inbox: { insert } });
      },
    }),
  },
  "unknown-frees-the-order": {
    what: "records a call with an unknown outcome as refused",
    foundBy: 1,
    ledger: (ledger) => ({
      store: {
        settle: (call, outcome) => ledger.store.settle(call, unknownIsRefused(outcome)),
      },
    }),
  },
  "last-report-wins": {
    what: "overwrites known outcomes with the latest report",
    foundBy: 1,
    store: (store) => ({
      ...store,
      load: async (...asked) => {
        const loaded = await store.load(...asked);
        const approvals = loaded.order.approvals.map((row) =>
          row.sendingAt === null || row.state === "approved" ? row : { ...row, state: "sending" as const },
        );
        return { ...loaded, order: { ...loaded.order, approvals } };
      },
    }),
  },
  "recovery-guesses": {
    what: "recovers every silent call as not sent",
    foundBy: 8,
    ledger: (ledger, { store, client, options }) => ({
      operations: {
        recover: async () => {
          const at = options.clock?.() ?? new Date();
          const limits = { reservedBefore: new Date(0), deadlineBefore: at, limit: 100 };
          const stale = await store.read((tx) => tx.staleCalls(client.mid, limits));
          for (const { kind, id, state, of: orderId } of stale) {
            if (kind === "key") continue;
            const call = { kind, id, state };
            const { order } = await store.load(client.mid, orderId);
            const { changes } = decide<"silence">(order, {
              kind: "silence",
              call,
              outcome: "not-sent",
              at,
            });
            const events = changes.events.map((event) => ({ id: randomUUID(), mid: client.mid, ...event }));
            await store.save({
              mid: client.mid,
              order: { orderId, version: order.version, changes },
              events,
            });
          }
          return ledger.operations.recover();
        },
      },
    }),
  },
  "operator-too-early": {
    what: "accepts not-moved while the gateway may still carry out the call",
    foundBy: 41,
    ledger: (_, { store, client, options }) => {
      const later = () => new Date((options.clock?.() ?? new Date()).getTime() + 15 * 60_000);
      const hasty = createLedger(client, store, { ...options, clock: later });
      return {
        payments: {
          resolve: (orderId, { seenAt: _, ...resolution }) => hasty.payments.resolve(orderId, resolution),
        },
      };
    },
  },
  "refund-beside-the-ledger": {
    what: "refunds money without a hold in the ledger",
    foundBy: 1,
    ledger: (ledger) =>
      cancelsBeside(ledger, async ({ orderId, part, netCancel }) => {
        const order = await ledger.payments.find(orderId);
        if (order?.tid === undefined || order.remainingPrice === 0 || netCancel === true) return undefined;
        const { tid, oid = "", remainingPrice, price, payType = "card" } = order;
        const cancelPrice = part?.cancelPrice ?? remainingPrice;
        const operation = cancelPrice === price ? "payments.cancel" : "payments.cancelPartially";
        return { operation, oid, payType, tid, cancelPrice, confirmPrice: remainingPrice - cancelPrice };
      }),
  },
  "say-paid-before-settled": {
    what: "reports a payment to the buyer that could not be recorded",
    foundBy: 1,
    ledger: (ledger) => ({
      store: {
        settle: async (call: ReservedCall, outcome) => {
          if (outcome.outcome !== "succeeded" || call.kind !== "approval")
            return ledger.store.settle(call, outcome);
          void ledger.store.settle(call, outcome).catch(() => {});
          const { orderId, price } = call;
          return { orderId, status: "paid", price, remainingPrice: price };
        },
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
