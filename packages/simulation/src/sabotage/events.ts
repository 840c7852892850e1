import type { EventHandlers, Ledger } from "@payapi/ledger";
import type { ClaimChange, LedgerStore, NewEvent } from "@payapi/ledger/internal";
import type { LedgerChanges } from "../world/changed-ledger.js";
import type { Sabotage } from "./sabotage.js";

/** Mistakes in how events are written and taken. */
export const eventMistakes = {
  "taken-before-handled": {
    what: "counts an event as delivered before its handler has ended",
    foundBy: 1,
    ledger: (ledger) =>
      withHandlers(ledger, (handler) => (event, context) => {
        void Promise.resolve(handler(event, context)).catch(() => {});
      }),
  },
  "failed-is-taken": {
    what: "counts an event as delivered although its handler threw",
    foundBy: 1,
    store: (store) =>
      withChanges(store, (change) => (change.to === "waiting" ? { to: "delivered" } : change)),
  },
  "put-aside-at-once": {
    what: "lets later events of an order overtake one that failed",
    foundBy: 1,
    store: (store) =>
      withChanges(store, (change) =>
        change.to === "waiting" ? { to: "dead", failure: change.failure } : change,
      ),
  },
  "lease-of-nothing": {
    what: "lets two processes claim an event at once",
    foundBy: 1,
    store: (store) => ({ ...store, claim: (queue, lease) => store.claim(queue, { ...lease, leaseMs: 0 }) }),
  },
  "event-beside-the-fact": {
    what: "writes an event in a transaction of its own, after its fact",
    foundBy: 2,
    store: (store) => ({
      ...store,
      save: async ({ events = [], ...save }) => {
        const result = await store.save(save);
        if (result === "saved") await write(store, events).catch(() => {});
        return result;
      },
    }),
  },
  "event-before-the-fact": {
    what: "writes an event in a transaction of its own, before its fact",
    foundBy: 11,
    store: (store) => ({
      ...store,
      save: async ({ events = [], ...save }) => {
        await write(store, events).catch(() => {});
        return store.save(save);
      },
    }),
  },
  "only-from-now-on": {
    what: "gives a new consumer no earlier events",
    foundBy: 1,
    ledger: (ledger) => ({
      operations: {
        runOnce: (consumer) => ledger.operations.runOnce({ ...consumer, startFrom: "now" }),
        startWorker: (worker) => ledger.operations.startWorker({ ...worker, startFrom: "now" }),
      },
    }),
  },
  "dead-letters-unlisted": {
    what: "does not list dead letters",
    foundBy: 7,
    ledger: () => ({ events: { deadLetters: async () => [] } }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

type Handler = (
  event: never,
  context: Parameters<NonNullable<EventHandlers["approved"]>>[1],
) => void | Promise<void>;

function withHandlers(ledger: Ledger, change: (handler: Handler) => Handler): LedgerChanges {
  const changed = (on: EventHandlers) =>
    Object.fromEntries(
      Object.entries(on).map(([kind, handler]) => [kind, change(handler as Handler)]),
    ) as EventHandlers;
  return {
    operations: {
      runOnce: (consumer) => ledger.operations.runOnce({ ...consumer, on: changed(consumer.on) }),
      startWorker: (worker) => ledger.operations.startWorker({ ...worker, on: changed(worker.on) }),
    },
  };
}

function withChanges(store: LedgerStore, instead: (change: ClaimChange) => ClaimChange): LedgerStore {
  return {
    ...store,
    updateClaim: (claim, change) => store.updateClaim(claim, { clock: change.clock, ...instead(change) }),
  };
}

async function write(store: LedgerStore, events: readonly NewEvent[]): Promise<void> {
  for (const event of events) await store.save({ mid: event.mid, events: [event] });
}
