import type { NotificationReceipt } from "@payapi/core";
import type { Reported } from "./facts.js";

export type NotificationEffect = NotificationReceipt["effect"];
export const notificationEffects = [
  "applied",
  "known",
  "ignored",
  "quarantined",
  "mismatch",
] as const satisfies readonly NotificationEffect[];

/** Why a notification was not simply applied; for operators. */
export const notificationReasons = [
  /**
   * It says something about money that nobody here can read: a code or a payment method that the gateway's guide does not have, or an
   * amount or an order number that is none.
   */
  "unrecognised",
  /** It is about another merchant. */
  "other-merchant",
  /** No link and no attempt has this order number. */
  "unknown-order",
  /** Its source is not listed, and it says more than the record already knows. */
  "source-not-listed",
  "amount-differs",
  "account-differs",
  "pay-type-differs",
  /** Its transaction is not the one this payment has. */
  "tid-differs",
  /** Its transaction is another payment's. */
  "tid-of-another",
  /** The same event came before with another body. */
  "other-content",
  /** Money came for a payment that was declined, not sent, undone or made in another transaction. */
  "unexpected-money",
  /** Money came while another payment of the order lives. */
  "duplicate",
  /** Money came for what the order cost before. */
  "price-changed",
  /** One account reports more than one deposit. */
  "deposited-again",
  /** A deposit was reversed. */
  "reversed",
  /** The gateway cancelled a payment, and not for us. */
  "cancelled-elsewhere",
] as const;
export type NotificationReason = (typeof notificationReasons)[number];

/** Reasons of conflicting notifications that report money. */
export const reasonsOfMoney = [
  "duplicate",
  "unexpected-money",
  "price-changed",
  "deposited-again",
] as const satisfies readonly NotificationReason[];

/** A notification as it is kept. Nothing of it is ever deleted. */
export interface NotificationRow {
  readonly id: string;
  /** Rises with every row. */
  readonly position: number;
  readonly mid: string;
  readonly dedupeKey: string;
  /** Whether the same event came before from as trusted a source, with another body. */
  readonly beside: boolean;
  readonly fingerprint: string;
  readonly kind: string;
  /** What it reports: its `event`, or its `status` for escrow. */
  readonly event: string;
  readonly oid: string | null;
  readonly tid: string;
  /** Won it is about, if it names any. */
  readonly price: number | null;
  readonly account: string | null;
  readonly occurredAt: Date | null;
  /** Every field as it came; secrets redacted. */
  readonly fields: Readonly<Record<string, string>>;
  readonly source: string | null;
  readonly listed: boolean;
  readonly effect: NotificationEffect;
  readonly reason: NotificationReason | null;
  readonly orderId: string | null;
  readonly receivedAt: Date;
  /** How often it came again. */
  readonly repeats: number;
  /** An operator's word by which it was judged again. */
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
  readonly releaseEvidence: string | null;
}

export type NewNotificationRow = Omit<
  NotificationRow,
  "position" | "repeats" | "releasedAt" | "releasedBy" | "releaseEvidence"
>;
export type NotificationOutcome = Pick<NotificationRow, "effect" | "reason" | "orderId">;

/** What was kept of a notification, for those who are told of it. */
export interface NotificationVerdict {
  readonly row: NewNotificationRow;
  readonly verdict: NotificationOutcome;
  readonly isReleased: boolean;
}

/** A notification about an order, as it is to be decided about. */
export interface NotificationFact {
  readonly kind: "notification";
  readonly reported: Reported;
  /** The notification as it is kept; its verdict is what is decided. */
  readonly row: NewNotificationRow;
  /** Whether its source is listed, or an operator vouches for it: what is not is believed no more than what is known anyway. */
  readonly believed: boolean;
  /** Whether an operator releases it from quarantine. */
  readonly isReleased: boolean;
  /** Whether another event reported the same about the same transaction of the order, with any effect. */
  readonly reportedOtherwise: boolean;
  /** For an attempt that the payment page made, and that is not known yet. */
  readonly newId: string;
}

export interface NotifiedQuestion {
  readonly oid: string | undefined;
  readonly tid: string;
  /** As {@link tid}, masked as it would be kept of a stranger. */
  readonly maskedTid: string;
  /** How the notification is kept: what came before it is compared with these. */
  readonly row: Pick<NewNotificationRow, "kind" | "event" | "listed" | "dedupeKey">;
}

/** What is known of a notification's ids. */
export interface Notified {
  /** The order with this order number: that of a link, otherwise of the newest attempt. */
  readonly orderId: string | undefined;
  /** Whether any attempt has the transaction, or any cancel. */
  readonly tid: "attempt" | "cancel" | undefined;
  /** The same event as it came first. */
  readonly first: NotificationRow | undefined;
  /** Whether another event reported the same about the same transaction and order. */
  readonly reportedOtherwise: boolean;
  readonly now: Date;
}
