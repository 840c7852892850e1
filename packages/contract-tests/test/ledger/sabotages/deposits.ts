import { deafTo, eventOf, receiving, saying, telling, watched } from "./changed-notifications.js";
import { alike, type Sabotages } from "./sabotage.js";

export const depositSabotages: Sabotages = {
  "only one of the two notifications of a deposit has an effect": {
    caughtBy: "deposits: pay the order that waits for them",
    change: deafTo(
      ({ notification }) => notification.kind === "deposit" && notification.event === "deposited",
      "applied",
    ),
  },
  "a deposit that both notifications report counts twice": {
    caughtBy: "deposits: are recognized when they are reported by the other notification too",
    change: telling("known", "mismatch"),
  },
  "the issue of an account counts as its deposit": {
    caughtBy: "deposits: are not confused with the issue of an account",
    change: receiving((good, received) =>
      good.store.receiveNotification(
        eventOf(received) === "account-issued"
          ? saying(received, { event: "deposited", price: 10_000 })
          : received,
      ),
    ),
  },
  "a deposit of any amount pays": {
    caughtBy: "deposits: of another amount need review",
    change: receiving((good, received) =>
      good.store.receiveNotification(
        eventOf(received) === "deposited" ? saying(received, { price: 10_000 }) : received,
      ),
    ),
  },
  "a deposit to any account pays": {
    caughtBy: "deposits: to another account or in another transaction need review",
    change: receiving((good, received) =>
      good.store.receiveNotification(
        eventOf(received) === "deposited" ? saying(received, { account: undefined }) : received,
      ),
    ),
  },
  "a deposit pays an order that awaits a card payment": {
    caughtBy: "deposits: do not pay an order that awaits a card payment, nor the reverse",
    change: (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        async receiveNotification(received) {
          const receipt = await good.store.receiveNotification(received);
          const order = await orderOf(received);
          return order?.status === "unknown" ? { ...receipt, effect: "applied" } : receipt;
        },
      };
    },
  },
  ...alike(
    {
      "a second payment of an order needs no review":
        "deposits: for an order that was paid by other means need review",
      "money for a declined payment needs no review":
        "mismatches: arise after a refusal or a call that was not sent",
      "money after a net cancel needs no review": "mismatches: arise after a net cancel",
      "a second payment by one link needs no review":
        "mismatches: arise after another transaction of the same link",
    },
    (good) => {
      const { orderOf, ...watching } = watched(good);
      const settled = ["paid", "declined", "not-sent", "net-cancelled"];
      return {
        ...watching,
        receiveNotification: async (received) =>
          settled.includes((await orderOf(received))?.status ?? "")
            ? { effect: "mismatch" }
            : good.store.receiveNotification(received),
      };
    },
  ),
  "a reversed deposit still pays": {
    caughtBy: "deposits: that are reversed need review",
    change: deafTo((received) => eventOf(received) === "reversed", "mismatch"),
  },
  "a reversal that comes before its deposit is ignored": {
    caughtBy: "deposits: end the same when the reversal comes first",
    change: (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        receiveNotification: async (received) =>
          eventOf(received) === "reversed" && (await orderOf(received))?.status === "awaiting-deposit"
            ? { effect: "mismatch" }
            : good.store.receiveNotification(received),
      };
    },
  },
};
