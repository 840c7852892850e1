import type { LedgerStore, LedgerTransaction } from "@payapi/ledger/store";
import type { Sabotage } from "./sabotage.js";

/** Mistakes about what the staff says, and about what strangers send. */
export const staffMistakes = {
  "closed-unseen": {
    what: "whoever deals with an order deals with what came after they had read it, too",
    foundBy: 32,
    ledger: (ledger) => ({
      ...ledger,
      closeAttention: async (orderId, word) => {
        const { length } = await ledger.timeline(orderId);
        return ledger.closeAttention(orderId, { ...word, seenLines: length });
      },
    }),
  },
  "seen-before-is-seen": {
    what: "an operator is believed that nothing moved who looked while the gateway could still carry the call out",
    foundBy: 56,
    ledger: (ledger) => ({
      ...ledger,
      settleByOperator: (orderId, { seenAt: _, ...finding }) => ledger.settleByOperator(orderId, finding),
    }),
  },
  "closed-for-ever": {
    what: "an order that was dealt with once is never listed again",
    foundBy: 48,
    ledger: (ledger) => {
      const closed = new Set<string>();
      return {
        ...ledger,
        closeAttention: async (orderId, word) => {
          const result = await ledger.closeAttention(orderId, word);
          if (result.status === "closed") closed.add(orderId);
          return result;
        },
        unknowns: async () => (await ledger.unknowns()).filter(({ orderId }) => !closed.has(orderId)),
      };
    },
  },
  "believe-strangers": {
    what: "whatever is notified is taken for the gateway's",
    foundBy: 3,
    ledger: (ledger) => ({
      ...ledger,
      receiveNotification: ({ source, ...received }) =>
        ledger.receiveNotification({ ...received, source: { ...source, listed: true } }),
    }),
  },
  "first-comes-first": {
    what: "where a stranger made an event up before it happened, nobody can vouch for the true one",
    foundBy: 8,
    store: (store) =>
      withInbox(store, (inbox) => ({
        ...inbox,
        insert: (row) => inbox.insert(row.beside ? { ...row, effect: "conflicting" } : row),
      })),
  },
  "masked-for-ever": {
    what: "nobody can say which transaction a notification is about that is kept masked",
    foundBy: 8,
    ledger: (ledger) => ({
      ...ledger,
      releaseNotification: (id, { actor, evidence }) => ledger.releaseNotification(id, { actor, evidence }),
    }),
  },
  "vouched-for-nothing": {
    what: "what somebody vouches for leaves the list, and has no effect",
    foundBy: 8,
    ledger: (ledger, { store }) => ({
      ...ledger,
      releaseNotification: async (id) => {
        const verdict = { effect: "ignored", reason: null, orderId: null } as const;
        await store.transaction((tx) => tx.inbox.judge(id, verdict));
        return { effect: "ignored" };
      },
    }),
  },
  "every-copy-is-money": {
    what: "a deposit that is told by two ways is booked twice",
    foundBy: 3,
    store: (store) =>
      withInbox(store, (inbox) => ({ ...inbox, reportedOtherwise: async () => "believed" as const })),
  },
  "old-prices-pay": {
    what: "a deposit to an account for less than the order costs by now pays for it",
    foundBy: 122,
    store: (store) => ({
      ...store,
      transaction: (work) =>
        store.transaction((tx) =>
          work({
            ...tx,
            links: {
              ...tx.links,
              lock: async (mid, orderId) => {
                const links = await tx.links.lock(mid, orderId);
                return links.map((link) => ({ ...link, price: links[0]?.price ?? link.price }));
              },
            },
          }),
        ),
    }),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

function withInbox(
  store: LedgerStore,
  change: (inbox: LedgerTransaction["inbox"]) => LedgerTransaction["inbox"],
): LedgerStore {
  return {
    ...store,
    transaction: (work) => store.transaction((tx) => work({ ...tx, inbox: change(tx.inbox) })),
  };
}
