import type { Notification } from "../notifications/notification.js";

/** Remembers what the gateway notified about. */
export interface NotificationStore {
  /**
   * Stores a notification and its effect in one transaction, and the same one only once for ever. When this resolves, it is
   * durable and may be acknowledged; when it rejects, the gateway must send it again.
   */
  receiveNotification(received: ReceivedNotification): Promise<NotificationReceipt>;
  /**
   * What a notification is about, if the store knows its order number or its transaction: an opaque text, the same for
   * whatever is about the same order. `undefined` for all that fits nothing here; of that an unlisted source may leave only so much.
   */
  findNotified(notification: Notification): Promise<string | undefined>;
}

/** A notification as it came. */
export interface ReceivedNotification {
  readonly notification: Notification;
  /** An opaque digest of the body: the same `dedupeKey` with another body is tampering, or the gateway's mistake. */
  readonly bodyFingerprint: string;
  /** Where it came from, and whether that is one of the configured `sources`. */
  readonly source: { readonly address: string | undefined; readonly listed: boolean };
}

/** What became of a notification. All of it is durable. */
export interface NotificationReceipt {
  /**
   * - `applied`: it changed what is known about the order
   * - `known`: the same event was stored before, or it confirms what is known
   * - `ignored`: it has no effect on money
   * - `quarantined`: it fits no payment, or its source is not listed and it would move money; for an operator
   * - `mismatch`: it contradicts what is stored, or the same event came with other content; for an operator
   */
  readonly effect: "applied" | "known" | "ignored" | "quarantined" | "mismatch";
  readonly orderId?: string;
}
