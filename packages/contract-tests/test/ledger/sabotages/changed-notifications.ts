import type { NotificationReceipt, ReceivedNotification } from "@payapi/core";
import type { Notification } from "@payapi/core/notifications";
import type { Ledger } from "@payapi/ledger";
import type { Sabotages } from "./sabotage.js";

type Effect = NotificationReceipt["effect"];

/** The same notification, saying something else. */
export function saying(received: ReceivedNotification, changes: object): ReceivedNotification {
  return { ...received, notification: { ...received.notification, ...changes } as Notification };
}

export const eventOf = ({ notification }: ReceivedNotification) =>
  "event" in notification ? notification.event : notification.status;
export const oidOf = ({ notification }: ReceivedNotification) => notification.oid ?? "";

/** The effect of a notification in a sabotaged store. */
export function receiving(
  change: (
    good: Ledger,
    received: ReceivedNotification,
  ) => Promise<NotificationReceipt> | NotificationReceipt,
): Sabotages[string]["change"] {
  return (good) => ({ receiveNotification: async (received) => change(good, received) });
}

/** A store that tells another effect than it had. */
export function telling(from: Effect, to: Effect) {
  return receiving(async (good, received) => {
    const receipt = await good.store.receiveNotification(received);
    return receipt.effect === from ? { ...receipt, effect: to } : receipt;
  });
}

/** A store that says what became of such notifications, and does nothing. */
export function deafTo(isSuch: (received: ReceivedNotification, good: Ledger) => unknown, effect: Effect) {
  return receiving(async (good, received) =>
    (await isSuch(received, good)) ? { effect } : good.store.receiveNotification(received),
  );
}

/** Which order each call and link has, by the order number that notifications name. */
export function watched(good: Ledger) {
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
