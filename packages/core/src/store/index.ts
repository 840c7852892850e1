import type { BillingKeyStore } from "./billing-key-store.js";
import type { LinkStore } from "./link-store.js";
import type { NotificationStore } from "./notification-store.js";
import type { PaymentStore } from "./payment-store.js";

export type * from "./billing-key-store.js";
export type * from "./idempotency-store.js";
export type * from "./link-store.js";
export type * from "./notification-store.js";
export type * from "./payment-store.js";
export type * from "./rate-limit-store.js";

/** All methods that the toolkit calls on a payment store. */
export type FullPaymentStore = PaymentStore & LinkStore & NotificationStore & BillingKeyStore;

/** The part of a ledger that the handler and the payments need. */
export interface PaymentLedger {
  readonly store: FullPaymentStore;
}
