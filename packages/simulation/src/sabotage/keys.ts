import type { Secret } from "@payapi/core";
import type { Sabotage } from "./sabotage.js";

/** Mistakes about billing keys. */
export const keyMistakes = {
  "deleted-before-the-gateway": {
    what: "records a billing key as deleted before asking the gateway",
    foundBy: 3,
    ledger: (ledger) => ({
      ...ledger,
      reserveKeyDeletion: async (id) => {
        const reservation = await ledger.reserveKeyDeletion(id);
        if (reservation.status === "reserved") {
          await ledger.settleKeyDeletion(reservation.call, { outcome: "succeeded" });
        }
        return reservation;
      },
    }),
  },
  "deletion-unheard-is-done": {
    what: "takes a key deletion without a reply for done",
    foundBy: 8,
    ledger: (ledger) => ({
      ...ledger,
      settleKeyDeletion: (call, outcome) =>
        ledger.settleKeyDeletion(
          call,
          outcome.outcome === "unknown" ? { ...outcome, outcome: "succeeded" } : outcome,
        ),
    }),
  },
  "issue-unheard-is-refused": {
    what: "takes a key issue without a reply for refused",
    foundBy: 1,
    ledger: (ledger) => ({
      ...ledger,
      settleKey: (call, outcome) =>
        ledger.settleKey(
          call,
          outcome.outcome === "succeeded" ? outcome : { ...outcome, outcome: "refused" },
        ),
    }),
  },
  "keys-in-memory": {
    what: "caches billing keys and charges stale ones",
    foundBy: 124,
    ledger: (ledger) => {
      const read = new Map<string, Secret>();
      return {
        ...ledger,
        revealKey: async (id) => {
          const key = read.get(id) ?? (await ledger.revealKey(id));
          if (key !== undefined) read.set(id, key);
          return key;
        },
      };
    },
  },
  "issues-unlisted": {
    what: "does not list key issues without a reply as possible orphans",
    foundBy: 1,
    ledger: (ledger) => ({
      ...ledger,
      orphanKeys: async () => (await ledger.orphanKeys()).filter(({ state }) => state === "deleting"),
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;
