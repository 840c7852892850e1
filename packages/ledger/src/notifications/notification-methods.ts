import type { NotificationRecord } from "@payapi/core";
import type { LedgerContext } from "../context.js";
import { findNotified } from "./find-notified.js";
import { listNotifications } from "./list-notifications.js";
import type { NotificationExtras } from "./public-types.js";
import { receiveNotification } from "./receive-notification.js";
import { releaseNotification } from "./release-notification.js";

/** Everything about notifications, over any store. */
export function notificationMethods(context: LedgerContext): NotificationRecord & NotificationExtras {
  return {
    receiveNotification: async (received) => receiveNotification(context, received),
    findNotified: async (notification) => findNotified(context, notification),
    notifications: async (list) => listNotifications(context, list),
    releaseNotification: async (id, word) => releaseNotification(context, id, word),
  };
}
