import type { LedgerStore, Order } from "@payapi/ledger/store";
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
    store: (store) => ({
      ...store,
      save: ({ inbox, ...save }) => {
        if (inbox === undefined || !("insert" in inbox) || !inbox.insert.beside) {
          return store.save({ ...save, ...(inbox && { inbox }) });
        }
        return store.save({ ...save, inbox: { insert: { ...inbox.insert, effect: "conflicting" } } });
      },
    }),
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
    ledger: (ledger, { store, client }) => ({
      ...ledger,
      releaseNotification: async (id, { actor, evidence }) => {
        const { mid } = client;
        const tid = (await store.inboxRow(mid, id))?.tid ?? "";
        const verdict = { effect: "ignored", reason: null, orderId: null } as const;
        await store.save({ mid, inbox: { release: { id, tid, verdict, actor, evidence, at: new Date() } } });
        return { effect: "ignored" };
      },
    }),
  },
  "every-copy-is-money": {
    what: "a payment that is told by two ways is booked twice",
    foundBy: 3,
    store: (store) =>
      withOrders(store, (order) => ({
        ...order,
        approvals: order.approvals.map((row) =>
          row.state === "approved" ? { ...row, deposits: [{ at: null, by: everyWay }] } : row,
        ),
      })),
  },
  "old-prices-pay": {
    what: "a deposit to an account for less than the order costs by now pays for it",
    foundBy: 122,
    store: (store) =>
      withOrders(store, (order) => ({
        ...order,
        links: order.links.map((link) => ({ ...link, price: order.links[0]?.price ?? link.price })),
      })),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

const everyWay = ["mobile", "deposit"].map((channel) => ({ channel, event: "" }));

/** A store whose orders are read otherwise than they were written. */
function withOrders(store: LedgerStore, change: (order: Order) => Order): LedgerStore {
  return {
    ...store,
    load: async (...asked) => {
      const loaded = await store.load(...asked);
      return { ...loaded, order: change(loaded.order) };
    },
  };
}
