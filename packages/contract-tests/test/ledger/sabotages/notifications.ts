import { randomUUID } from "node:crypto";
import { deafTo, eventOf, receiving, saying, telling, watched } from "./changed-notifications.js";
import { alike, type Sabotages } from "./sabotage.js";

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
      "notifications from unlisted sources: are distinguished by whether they concern a known order or transaction",
    change: (good) => ({
      findNotified: async (notification) =>
        (await good.store.findNotified(notification)) ?? notification.dedupeKey,
    }),
  },
  "every forged transaction of an order counts as another known subject": {
    caughtBy:
      "notifications from unlisted sources: are distinguished by whether they concern a known order or transaction",
    change: (good) => ({
      async findNotified(notification) {
        const subject = await good.store.findNotified(notification);
        return subject && `${subject} ${notification.tid}`;
      },
    }),
  },
};
