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
    const receipt = await good.store.receiveNotification(received);
    return receipt.effect === from ? { ...receipt, effect: to } : receipt;
  });
}

/** A store that says what became of such notifications, and does nothing. */
function deafTo(isSuch: (received: ReceivedNotification, good: Ledger) => unknown, effect: Effect) {
  return receiving(async (good, received) =>
    (await isSuch(received, good)) ? { effect } : good.store.receiveNotification(received),
  );
}

/** Which order each call and link has, by the order number that notifications name. */
function watched(good: Ledger) {
  const orders = new Map<string, string>();
  const reserveApproval: Ledger["store"]["reserveApproval"] = async (request) => {
    const reservation = await good.store.reserveApproval(request);
    if (reservation.status === "reserved") orders.set(reservation.call.oid, request.orderId);
    return reservation;
  };
  const openLink: Ledger["store"]["openLink"] = async (request) => {
    const reservation = await good.store.openLink(request);
    if (reservation.status !== "refused") orders.set(reservation.link.oid, request.orderId);
    return reservation;
  };
  const orderOf = async (received: ReceivedNotification) =>
    good.payments.find(orders.get(oidOf(received)) ?? "-");
  return { reserveApproval, openLink, orderOf };
}

export const notificationSabotages: Sabotages = {
  "every delivery has the effect again": {
    caughtBy: "notifications: have one effect, however often they are delivered",
    change: telling("known", "applied"),
  },
  "other content of the same event counts as a repeat": {
    caughtBy: "notifications: that are repeated with other content change nothing",
    change: (good) => {
      const bodies = new Map<string, string>();
      return {
        receiveNotification(received) {
          const { dedupeKey } = received.notification;
          const bodyFingerprint = bodies.get(dedupeKey) ?? received.bodyFingerprint;
          bodies.set(dedupeKey, bodyFingerprint);
          return good.store.receiveNotification({ ...received, bodyFingerprint });
        },
      };
    },
  },
  "another merchant's notification has an effect": {
    caughtBy: "notifications: of another merchant are quarantined",
    change: receiving((good, received) =>
      good.store.receiveNotification(
        "mid" in received.notification ? saying(received, { mid: "sabotaged" }) : received,
      ),
    ),
  },
  "a notification about an unknown order is dropped": {
    caughtBy: "notifications: about an unknown order are quarantined",
    change: telling("quarantined", "ignored"),
  },
  "a failure frees the order": {
    caughtBy: "notifications: of a failure change nothing",
    change: telling("ignored", "applied"),
  },
  "an unknown payment method counts as a card": {
    caughtBy: "notifications: with an unrecognized status change nothing and are kept for review",
    change: receiving((good, received) =>
      good.store.receiveNotification(
        eventOf(received) === "unrecognised"
          ? saying(received, { event: "approved", payType: "card", price: 10_000 })
          : received,
      ),
    ),
  },
  "an unrecognized notification is dropped": {
    caughtBy: "notifications: with an unrecognized status change nothing and are kept for review",
    change: receiving((good, received) =>
      eventOf(received) === "unrecognised" ? { effect: "ignored" } : good.store.receiveNotification(received),
    ),
  },

  ...alike(
    {
      "a notified approval is not booked": "notified approvals: end an unknown approval",
      "a reply that was lost stays lost": "notified approvals: are kept when the reply is lost",
      "a refusal overrides a notified approval":
        "notified approvals: do not hide a reply that differs from them",
      "a call is sent though its money is there": "notified approvals: stop a reserved call from being sent",
      "the reply alone makes an order paid":
        "notified approvals: may come before the reply, which then confirms them",
    },
    deafTo((received) => eventOf(received) === "approved", "applied"),
  ),
  "only the authentication's transaction is accepted": {
    caughtBy: "notified approvals: end an unknown approval in a new transaction",
    change: (good) => {
      const tids = new Set<string>();
      return {
        reserveApproval(request) {
          tids.add(request.page?.tid ?? "");
          return good.store.reserveApproval(request);
        },
        receiveNotification: async (received) =>
          tids.has(received.notification.tid ?? "")
            ? good.store.receiveNotification(received)
            : { effect: "mismatch" },
      };
    },
  },
  "another payment's transaction pays the order": {
    caughtBy: "notified approvals: do not end an unknown approval in another payment's transaction",
    change: receiving(async (good, received) => {
      const receipt = await good.store.receiveNotification(received);
      if (receipt.effect !== "mismatch") return receipt;
      const tid = randomUUID();
      return good.store.receiveNotification(saying(received, { tid, dedupeKey: tid }));
    }),
  },
  "a notification that repeats the reply counts as new": {
    caughtBy: "notified approvals: change nothing after the reply",
    change: telling("known", "mismatch"),
  },
  ...alike(
    {
      "an approval that was not reserved here is ignored":
        "notified approvals: pay an order whose approval was not reserved here",
      "a deposit to an unreported account is ignored":
        "deposits: pay the order even if the issue of the account was not reported",
    },
    (good) => {
      const { orderOf, ...watching } = watched(good);
      return {
        ...watching,
        receiveNotification: async (received) =>
          (await orderOf(received)) === undefined
            ? { effect: "quarantined" }
            : good.store.receiveNotification(received),
      };
    },
  ),

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

  "the notification of a cancelled payment is a mismatch": {
    caughtBy: "mismatches: do not arise for the payment that was cancelled",
    change: telling("known", "mismatch"),
  },
  "an escrow payment that was cancelled outside the shop is still paid": {
    caughtBy: "mismatches: include an escrow payment that was cancelled outside the shop",
    change: deafTo((received) => eventOf(received) === "cancelled", "mismatch"),
  },

  "notifications from any source have an effect": {
    caughtBy: "notifications from unlisted sources: move no money",
    change: receiving((good, received) =>
      good.store.receiveNotification({ ...received, source: { ...received.source, listed: true } }),
    ),
  },
  "a repeat from an unlisted source is quarantined": {
    caughtBy: "notifications from unlisted sources: are accepted when they repeat what is known",
    change: receiving(async (good, received) => {
      const receipt = await good.store.receiveNotification(received);
      return received.source.listed ? receipt : { ...receipt, effect: "quarantined" };
    }),
  },
  "a forged notification displaces the genuine one": {
    caughtBy: "notifications from unlisted sources: do not keep the genuine one from having its effect",
    change: (good) => {
      const taken = new Set<string>();
      return {
        async receiveNotification(received) {
          const { dedupeKey } = received.notification;
          if (taken.has(dedupeKey)) return { effect: "known" };
          taken.add(dedupeKey);
          return good.store.receiveNotification(received);
        },
      };
    },
  },
  "unknown orders count as known": {
    caughtBy:
      "notifications from unlisted sources: are told apart by whether they concern a known order or transaction",
    change: (good) => ({
      findNotified: async (notification) =>
        (await good.store.findNotified(notification)) ?? notification.dedupeKey,
    }),
  },
  "every forged transaction of an order counts as another known subject": {
    caughtBy:
      "notifications from unlisted sources: are told apart by whether they concern a known order or transaction",
    change: (good) => ({
      async findNotified(notification) {
        const subject = await good.store.findNotified(notification);
        return subject && `${subject} ${notification.tid}`;
      },
    }),
  },
};
