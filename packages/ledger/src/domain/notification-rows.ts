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

/** The reason why a notification was not applied, for operators. */
export const notificationReasons = [
  /**
   * It reports money in a form that can't be interpreted: a status or payment method that the gateway's guide does not document, or a
   * malformed amount or order number.
   */
  "unrecognised",
  /** It is about another merchant. */
  "other-merchant",
  /** The ledger has no link or attempt with this order number. */
  "unknown-order",
  /** Its source is not listed, and it reports more than the ledger already knows. */
  "source-not-listed",
  "amount-differs",
  "account-differs",
  "pay-type-differs",
  /** Its transaction id differs from the payment's. */
  "tid-differs",
  /** Its transaction id belongs to another payment. */
  "tid-of-another",
  /** The same event arrived before with another body. */
  "other-content",
  /** Money arrived for a payment that was declined, not sent, undone or made in another transaction. */
  "unexpected-money",
  /** Money arrived while another payment of the order is active. */
  "duplicate",
  /** Money arrived for an earlier price of the order. */
  "price-changed",
  /** A virtual account received more than one deposit. */
  "deposited-again",
  /** A deposit was reversed. */
  "reversed",
  /** A payment was cancelled outside the shop. */
  "cancelled-elsewhere",
] as const;
export type NotificationReason = (typeof notificationReasons)[number];

/** Reasons of mismatched notifications that report money. */
export const reasonsOfMoney = [
  "duplicate",
  "unexpected-money",
  "price-changed",
  "deposited-again",
] as const satisfies readonly NotificationReason[];

/** A stored notification. Rows are never deleted. */
export interface NotificationRow {
  readonly id: string;
  /** Increases with every row. */
  readonly position: number;
  readonly mid: string;
  readonly dedupeKey: string;
  /** Whether the same event arrived before from an equally trusted source, with another body. */
  readonly beside: boolean;
  readonly fingerprint: string;
  readonly kind: string;
  /** What it reports: its `event`, or its `status` for escrow. */
  readonly event: string;
  readonly oid: string | null;
  readonly tid: string;
  /** The amount in won, if it has one. */
  readonly price: number | null;
  readonly account: string | null;
  readonly occurredAt: Date | null;
  /** Every field as received, with secrets redacted. */
  readonly fields: Readonly<Record<string, string>>;
  readonly source: string | null;
  readonly listed: boolean;
  readonly effect: NotificationEffect;
  readonly reason: NotificationReason | null;
  readonly orderId: string | null;
  readonly receivedAt: Date;
  /** How often it was repeated. */
  readonly repeats: number;
  /** The operator's release, by which it was judged again. */
  readonly releasedAt: Date | null;
  readonly releasedBy: string | null;
  readonly releaseEvidence: string | null;
}

export type NewNotificationRow = Omit<
  NotificationRow,
  "position" | "repeats" | "releasedAt" | "releasedBy" | "releaseEvidence"
>;
export type NotificationOutcome = Pick<NotificationRow, "effect" | "reason" | "orderId">;

/** The stored result of a notification, for its receiver. */
export interface NotificationVerdict {
  readonly row: NewNotificationRow;
  readonly verdict: NotificationOutcome;
  readonly isReleased: boolean;
}

/** A notification about an order, as input of `decide`. */
export interface NotificationFact {
  readonly kind: "notification";
  readonly reported: Reported;
  /** The notification's row; `decide` adds the verdict. */
  readonly row: NewNotificationRow;
  /** Whether its source is listed, or an operator released it. Otherwise it adds no knowledge. */
  readonly believed: boolean;
  /** Whether an operator releases it from quarantine. */
  readonly isReleased: boolean;
  /** Whether another event reported the same about the same transaction of the order, with any effect. */
  readonly reportedOtherwise: boolean;
  /** The id for an attempt that the payment page made and the ledger does not have yet. */
  readonly newId: string;
}

export interface NotifiedQuestion {
  readonly oid: string | undefined;
  readonly tid: string;
  /** As {@link tid}, but masked as for an unlisted source. */
  readonly maskedTid: string;
  /** The fields by which it is compared with earlier notifications. */
  readonly row: Pick<NewNotificationRow, "kind" | "event" | "listed" | "dedupeKey">;
}

/** What the ledger knows about a notification's ids. */
export interface Notified {
  /** The order with this order number: that of a link, otherwise of the newest attempt. */
  readonly orderId: string | undefined;
  /** Whether any attempt has the transaction, or any cancel. */
  readonly tid: "attempt" | "cancel" | undefined;
  /** The first notification of the same event. */
  readonly first: NotificationRow | undefined;
  /** Whether another event reported the same about the same transaction and order. */
  readonly reportedOtherwise: boolean;
  readonly now: Date;
}
