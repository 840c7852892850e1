import type { Notification } from "../notifications/notification.js";

/** Stores the gateway's notifications. */
export interface NotificationStore {
  /**
   * Stores a notification and its effect in one transaction; a repeated notification has no second effect. When this resolves, the
   * notification is durable and may be acknowledged. If it rejects, the gateway must send the notification again.
   */
  receiveNotification(received: ReceivedNotification): Promise<NotificationReceipt>;
  /**
   * Returns an opaque text that identifies the notification's order, if the store knows its order number or transaction; `undefined`
   * for unknown payments, of which the handler limits notifications from unlisted sources.
   */
  findNotified(notification: Notification): Promise<string | undefined>;
}

/** A received notification. */
export interface ReceivedNotification {
  readonly notification: Notification;
  /** A keyed digest of the body. The same `dedupeKey` with another body is tampering or an error of the gateway. */
  readonly bodyFingerprint: string;
  /** Its digests under earlier secrets: a notification that was stored under one of them is the same. */
  readonly earlierFingerprints?: readonly string[];
  /** The sender's address, and whether it is one of the configured `sources`. */
  readonly source: { readonly address: string | undefined; readonly listed: boolean };
}

/** The durable effect of a notification. */
export interface NotificationReceipt {
  /**
   * - `applied`: it changed the order
   * - `known`: the same event was stored before, or it confirms the stored state
   * - `ignored`: it has no effect on money
   * - `quarantined`: it matches no payment, or it would move money and its source is not listed; an operator reviews it
   * - `mismatch`: it differs from the ledger, or the same event came with other content; an operator reviews it
   */
  readonly effect: "applied" | "known" | "ignored" | "quarantined" | "mismatch";
  readonly orderId?: string;
}
