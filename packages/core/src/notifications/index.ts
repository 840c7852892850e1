export {
  type Acknowledgement,
  type AcknowledgeOptions,
  type AcknowledgeResult,
  acknowledge,
} from "./acknowledge.js";
export type { Charset, Fields } from "./form.js";
export type * from "./notification.js";
export {
  isNotificationError,
  NotificationError,
  type NotificationErrorCode,
  type NotificationProblem,
} from "./notification-error.js";
export type { PagePayType } from "./page-facts.js";
export { type ParseOptions, parseNotification } from "./parse-notification.js";
