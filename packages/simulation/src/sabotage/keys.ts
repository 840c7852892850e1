import type { Secret } from "@payapi/core";
import type { Sabotage } from "./sabotage.js";

/** Mistakes about billing keys. */
export const keyMistakes = {
  "deleted-before-the-gateway": {
    what: "records a billing key as deleted before asking the gateway",
    foundBy: 1,
    ledger: (ledger) => ({
      store: {
        reserveKeyDeletion: async (id) => {
          const reservation = await ledger.store.reserveKeyDeletion(id);
          if (reservation.status === "reserved") {
            await ledger.store.settleKeyDeletion(reservation.call, { outcome: "succeeded" });
          }
          return reservation;
        },
      },
    }),
  },
  "deletion-unheard-is-done": {
    what: "takes a key deletion without a reply for done",
    foundBy: 66,
    ledger: (ledger) => ({
      store: {
        settleKeyDeletion: (call, outcome) =>
          ledger.store.settleKeyDeletion(
            call,
            outcome.outcome === "unknown" ? { ...outcome, outcome: "succeeded" } : outcome,
          ),
      },
    }),
  },
  "issue-unheard-is-refused": {
    what: "takes a key issue without a reply for refused",
    foundBy: 7,
    ledger: (ledger) => ({
      store: {
        settleKey: (call, outcome) =>
          ledger.store.settleKey(
            call,
            outcome.outcome === "succeeded" ? outcome : { ...outcome, outcome: "refused" },
          ),
      },
    }),
  },
  "keys-in-memory": {
    what: "caches billing keys and charges stale ones",
    foundBy: 15,
    ledger: (ledger) => {
      const read = new Map<string, Secret>();
      return {
        store: {
          revealKey: async (id) => {
            const key = read.get(id) ?? (await ledger.store.revealKey(id));
            if (key !== undefined) read.set(id, key);
            return key;
          },
        },
      };
    },
  },
  "issues-unlisted": {
    what: "does not list key issues without a reply as possible orphans",
    foundBy: 5,
    ledger: (ledger) => ({
      keys: {
        orphans: async () => (await ledger.keys.orphans()).filter(({ state }) => state === "deleting"),
      },
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
