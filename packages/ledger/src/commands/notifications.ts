import type { NotificationStore } from "@payapi/core";
import { listNotifications } from "../reports/list-notifications.js";
import type { LedgerContext } from "./context.js";
import type { NotificationExtras } from "./notification-types.js";
import { findNotified, receiveNotification } from "./receive-notification.js";
import { releaseNotification } from "./release-notification.js";

/** Everything about notifications, over any store. */
export function notificationMethods(context: LedgerContext): NotificationStore & NotificationExtras {
  return {
    receiveNotification: async (received) => receiveNotification(context, received),
    findNotified: async (notification) => findNotified(context, notification),
    notifications: async (list) => listNotifications(context, list),
    releaseNotification: async (id, word) => releaseNotification(context, id, word),
  };
}
