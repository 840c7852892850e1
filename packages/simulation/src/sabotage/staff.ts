import type { LedgerStore, Order } from "@payapi/ledger/internal";
import type { Sabotage } from "./sabotage.js";

/** Mistakes with resolutions, review notes and strangers' notifications. */
export const staffMistakes = {
  "closed-unseen": {
    what: "lets a review cover audit entries that came after it was read",
    foundBy: 276,
    ledger: (ledger) => ({
      payments: {
        closeReview: async (orderId, note) => {
          const { length } = await ledger.payments.timeline(orderId);
          return ledger.payments.closeReview(orderId, { ...note, seenEntries: length });
        },
      },
    }),
  },
  "seen-before-is-seen": {
    what: "accepts not-moved for a check made while the gateway could still carry out the call",
    foundBy: 276,
    ledger: (ledger) => ({
      payments: {
        resolve: (orderId, { seenAt: _, ...resolution }) => ledger.payments.resolve(orderId, resolution),
      },
    }),
  },
  "closed-for-ever": {
    what: "never lists a reviewed order again",
    foundBy: 569,
    ledger: (ledger) => {
      const closed = new Set<string>();
      return {
        payments: {
          closeReview: async (orderId, note) => {
            const result = await ledger.payments.closeReview(orderId, note);
            if (result.status === "closed") closed.add(orderId);
            return result;
          },
          needsReview: async () =>
            (await ledger.payments.needsReview()).filter(({ orderId }) => !closed.has(orderId)),
        },
      };
    },
  },
  "believe-strangers": {
    what: "trusts every notification",
    foundBy: 7,
    ledger: (ledger) => ({
      store: {
        receiveNotification: ({ source, ...received }) =>
          ledger.store.receiveNotification({ ...received, source: { ...source, listed: true } }),
      },
    }),
  },
  "first-comes-first": {
    what: "blocks a true notification once a stranger forged it first",
    foundBy: 46,
    store: (store) => ({
      ...store,
      save: ({ inbox, ...save }) => {
        if (inbox === undefined || !("insert" in inbox) || !inbox.insert.beside) {
          return store.save({ ...save, ...(inbox && { inbox }) });
        }
        return store.save({ ...save, inbox: { insert: { ...inbox.insert, effect: "mismatch" } } });
      },
    }),
  },
  "masked-for-ever": {
    what: "cannot release a notification whose transaction id is masked",
    foundBy: 50,
    ledger: (ledger) => ({
      notifications: {
        release: (id, { actor, evidence }) => ledger.notifications.release(id, { actor, evidence }),
      },
    }),
  },
  "vouched-for-nothing": {
    what: "releases a notification without any effect",
    foundBy: 15,
    ledger: (_, { store, client }) => ({
      notifications: {
        release: async (id, { actor, evidence }) => {
          const { mid } = client;
          const [row] = await store.read((tx) => tx.notifications(mid, { id }));
          const tid = row?.tid ?? "";
          const verdict = { effect: "ignored", reason: null, orderId: null } as const;
          await store.save({
            mid,
            inbox: { release: { id, tid, verdict, actor, evidence, at: new Date() } },
          });
          return { effect: "ignored" };
        },
      },
    }),
  },
  "every-copy-is-money": {
    what: "books a payment twice that is notified by two channels",
    foundBy: 1,
    store: (store) =>
      withOrders(store, (order) => ({
        ...order,
        approvals: order.approvals.map((row) =>
          row.state === "approved" ? { ...row, deposits: [{ at: null, by: everyWay }] } : row,
        ),
      })),
  },
  "old-prices-pay": {
    what: "accepts a deposit of an old, lower price as payment",
    foundBy: 133,
    store: (store) =>
      withOrders(store, (order) => ({
        ...order,
        links: order.links.map((link) => ({ ...link, price: order.links[0]?.price ?? link.price })),
      })),
  },
} as const satisfies Readonly<Record<string, Sabotage>>;

const everyWay = ["mobile", "deposit"].map((channel) => ({ channel, event: "" }));

/** A store that reads orders otherwise than they were written. */
function withOrders(store: LedgerStore, change: (order: Order) => Order): LedgerStore {
  return {
    ...store,
    load: async (...asked) => {
      const loaded = await store.load(...asked);
      return { ...loaded, order: change(loaded.order) };
    },
  };
}
