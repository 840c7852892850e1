import { randomUUID } from "node:crypto";
import type { NotificationReceipt, ReceivedNotification } from "@payapi/core";
import type { Notification } from "@payapi/core/notifications";
import type { Ledger } from "@payapi/ledger";
import { alike, type Sabotages } from "./sabotage.js";

type Effect = NotificationReceipt["effect"];

/** The same notification, saying something else. */
function saying(received: ReceivedNotification, changes: object): ReceivedNotification {
  return { ...received, notification: { ...received.notification, ...changes } as Notification };
}

const eventOf = ({ notification }: ReceivedNotification) =>
  "event" in notification ? notification.event : notification.status;
const oidOf = ({ notification }: ReceivedNotification) => notification.oid ?? "";

/** What a store makes of a notification in place of what a correct one does. */
function receiving(
  change: (
    good: Ledger,
    received: ReceivedNotification,
  ) => Promise<NotificationReceipt> | NotificationReceipt,
): Sabotages[string]["change"] {
  return (good) => ({ receiveNotification: async (received) => change(good, received) });
}

/** A store that tells another effect than it had. */
function telling(from: Effect, to: Effect) {
  return receiving(async (good, received) => {
    const receipt = await good.receiveNotification(received);
    return receipt.effect === from ? { ...receipt, effect: to } : receipt;
  });
}

/** A store that says what became of such notifications, and does nothing. */
function deafTo(isSuch: (received: ReceivedNotification, good: Ledger) => unknown, effect: Effect) {
  return receiving(async (good, received) =>
    (await isSuch(received, good)) ? { effect } : good.receiveNotification(received),
  );
}

/** Which order each call and link has, by the order number that notifications name. */
function watched(good: Ledger) {
  const orders = new Map<string, string>();
  const reserveApproval: Ledger["reserveApproval"] = async (request) => {
    const reservation = await good.reserveApproval(request);
    if (reservation.status === "reserved") orders.set(reservation.call.oid, request.orderId);
    return reservation;
  };
  const openLink: Ledger["openLink"] = async (request) => {
    const reservation = await good.openLink(request);
    if (reservation.status !== "refused") orders.set(reservation.link.oid, request.orderId);
    return reservation;
  };
  const orderOf = async (received: ReceivedNotification) =>
    good.findOrder(orders.get(oidOf(received)) ?? "-");
  return { reserveApproval, openLink, orderOf };
}

export const notificationSabotages: Sabotages = {
  "every delivery has the effect anew": {
    caughtBy: "notifications: have one effect, however often they come",
    change: telling("known", "applied"),
  },
  "another content of the same event is the same to it": {
    caughtBy: "notifications: that come again with other content change nothing",
    change: (good) => {
      const bodies = new Map<string, string>();
      return {
        receiveNotification(received) {
          const { dedupeKey } = received.notification;
          const bodyFingerprint = bodies.get(dedupeKey) ?? received.bodyFingerprint;
          bodies.set(dedupeKey, bodyFingerprint);
          return good.receiveNotification({ ...received, bodyFingerprint });
        },
      };
    },
  },
  "it does not look whose notification it is": {
    caughtBy: "notifications: of another merchant are quarantined",
    change: receiving((good, received) =>
      good.receiveNotification(
        "mid" in received.notification ? saying(received, { mid: "sabotaged" }) : received,
      ),
    ),
  },
  "what fits no order is thrown away": {
    caughtBy: "notifications: about an order that nobody knows are quarantined",
    change: telling("quarantined", "ignored"),
  },
  "a failure frees the order": {
    caughtBy: "notifications: of a failure change nothing",
    change: telling("ignored", "applied"),
  },
  "an unknown kind of payment is taken for a card's": {
    caughtBy:
      "notifications: of something that nobody can read change nothing, and are for a person to look at",
    change: receiving((good, received) =>
      good.receiveNotification(
        eventOf(received) === "unrecognised"
          ? saying(received, { event: "approved", payType: "card", price: 10_000 })
          : received,
      ),
    ),
  },
  "what nobody can read is thrown away": {
    caughtBy:
      "notifications: of something that nobody can read change nothing, and are for a person to look at",
    change: receiving((good, received) =>
      eventOf(received) === "unrecognised" ? { effect: "ignored" } : good.receiveNotification(received),
    ),
  },

  ...alike(
    {
      "an approval is believed and not booked": "approvals that are notified: end an unknown one",
      "a reply that was lost stays lost": "approvals that are notified: outlive a reply that was lost",
      "a refusal is believed though the money was notified":
        "approvals that are notified: do not hide a reply that contradicts them",
      "a call is sent though its money is there": "approvals that are notified: keep a call from being sent",
      "the reply alone makes an order paid":
        "approvals that are notified: may come before the reply, which then confirms them",
    },
    deafTo((received) => eventOf(received) === "approved", "applied"),
  ),
  "only the transaction of the authentication is believed": {
    caughtBy: "approvals that are notified: end an unknown one in a new transaction",
    change: (good) => {
      const tids = new Set<string>();
      return {
        reserveApproval(request) {
          tids.add(request.page?.tid ?? "");
          return good.reserveApproval(request);
        },
        receiveNotification: async (received) =>
          tids.has(received.notification.tid)
            ? good.receiveNotification(received)
            : { effect: "conflicting" },
      };
    },
  },
  "another payment's transaction pays the order": {
    caughtBy: "approvals that are notified: do not end an unknown one in the transaction of another payment",
    change: receiving(async (good, received) => {
      const receipt = await good.receiveNotification(received);
      if (receipt.effect !== "conflicting") return receipt;
      const tid = randomUUID();
      return good.receiveNotification(saying(received, { tid, dedupeKey: tid }));
    }),
  },
  "what the reply said is news to it": {
    caughtBy: "approvals that are notified: are known already after the reply",
    change: telling("known", "conflicting"),
  },
  ...alike(
    {
      "a payment that nobody asked for here is not believed":
        "approvals that are notified: count though nobody asked for them here",
      "a deposit to an account that nobody told of is not believed":
        "deposits: count though nobody was told of the account",
    },
    (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        receiveNotification: async (received) =>
          (await orderOf(received)) === undefined
            ? { effect: "quarantined" }
            : good.receiveNotification(received),
      };
    },
  ),

  "a deposit is heard of at one of the two addresses alone": {
    caughtBy: "deposits: pay the order that waits for them",
    change: deafTo(
      ({ notification }) => notification.kind === "deposit" && notification.event === "deposited",
      "applied",
    ),
  },
  "a deposit that both addresses hear of is two": {
    caughtBy: "deposits: are known when they come by the other way too",
    change: telling("known", "conflicting"),
  },
  "the issue of an account is taken for its deposit": {
    caughtBy: "deposits: are not what the issue of an account is",
    change: receiving((good, received) =>
      good.receiveNotification(
        eventOf(received) === "account-issued"
          ? saying(received, { event: "deposited", price: 10_000 })
          : received,
      ),
    ),
  },
  "any amount pays": {
    caughtBy: "deposits: of another amount are for a person",
    change: receiving((good, received) =>
      good.receiveNotification(
        eventOf(received) === "deposited" ? saying(received, { price: 10_000 }) : received,
      ),
    ),
  },
  "any account pays": {
    caughtBy: "deposits: to another account or in another transaction are for a person",
    change: receiving((good, received) =>
      good.receiveNotification(
        eventOf(received) === "deposited" ? saying(received, { account: undefined }) : received,
      ),
    ),
  },
  "a deposit pays what was to be paid by card": {
    caughtBy: "deposits: are no payments by card, nor the other way round",
    change: (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        async receiveNotification(received) {
          const receipt = await good.receiveNotification(received);
          const order = await orderOf(received);
          return order?.status === "unknown" ? { ...receipt, effect: "applied" } : receipt;
        },
      };
    },
  },
  ...alike(
    {
      "a second payment of an order raises no alarm":
        "deposits: for an order that is paid otherwise need attention",
      "money for a declined payment raises no alarm":
        "money that contradicts the store: needs attention after a refusal, or a call that was not sent",
      "money after a network cancel raises no alarm":
        "money that contradicts the store: needs attention after a network cancel",
      "a second payment by one link raises no alarm":
        "money that contradicts the store: needs attention after another transaction of the same link",
    },
    (good) => {
      const { orderOf, ...watching } = watched(good);
      const settled = ["paid", "declined", "not-sent", "network-cancelled"];
      return {
        ...watching,
        receiveNotification: async (received) =>
          settled.includes((await orderOf(received))?.status ?? "")
            ? { effect: "conflicting" }
            : good.receiveNotification(received),
      };
    },
  ),
  "a deposit that was taken back still pays": {
    caughtBy: "deposits: that are taken back need attention",
    change: deafTo((received) => eventOf(received) === "reversed", "conflicting"),
  },
  "a reversal that comes first is forgotten": {
    caughtBy: "deposits: that are taken back before they came end the same",
    change: (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        receiveNotification: async (received) =>
          eventOf(received) === "reversed" && (await orderOf(received))?.status === "awaiting-deposit"
            ? { effect: "conflicting" }
            : good.receiveNotification(received),
      };
    },
  },

  "the news of a payment that was given back is an alarm": {
    caughtBy: "money that contradicts the store: is none when it is the money that was cancelled",
    change: telling("known", "conflicting"),
  },
  "an escrow payment that somebody cancelled is still paid": {
    caughtBy: "money that contradicts the store: is an escrow payment that somebody else cancelled",
    change: deafTo((received) => eventOf(received) === "cancelled", "conflicting"),
  },

  "anybody is believed": {
    caughtBy: "notifications from unlisted sources: move no money",
    change: receiving((good, received) =>
      good.receiveNotification({ ...received, source: { ...received.source, listed: true } }),
    ),
  },
  "what is known is quarantined when a stranger says it": {
    caughtBy: "notifications from unlisted sources: may say what is known",
    change: receiving(async (good, received) => {
      const receipt = await good.receiveNotification(received);
      return received.source.listed ? receipt : { ...receipt, effect: "quarantined" };
    }),
  },
  "a stranger's takes the place of the real one": {
    caughtBy: "notifications from unlisted sources: do not keep the real one from its effect",
    change: (good) => {
      const taken = new Set<string>();
      return {
        async receiveNotification(received) {
          const { dedupeKey } = received.notification;
          if (taken.has(dedupeKey)) return { effect: "known" };
          taken.add(dedupeKey);
          return good.receiveNotification(received);
        },
      };
    },
  },
  "strangers are taken for acquaintances": {
    caughtBy: "notifications from unlisted sources: are told apart by whether they are about something known",
    change: (good) => ({
      findNotified: async (notification) => (await good.findNotified(notification)) ?? notification.dedupeKey,
    }),
  },
  "every made-up transaction of an order is another acquaintance": {
    caughtBy: "notifications from unlisted sources: are told apart by whether they are about something known",
    change: (good) => ({
      async findNotified(notification) {
        const subject = await good.findNotified(notification);
        return subject && `${subject} ${notification.tid}`;
      },
    }),
  },
};
