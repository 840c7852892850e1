export type { BillingCharge, BillingKey } from "./book/billing-keys.js";
export type { BookCopy, Cancellation, Transaction } from "./book/book.js";
export type { EscrowDelivery, EscrowPurchase, EscrowState } from "./book/escrow.js";
export type { PaymentLink } from "./book/payment-links.js";
export type { RequestEntry } from "./book/request-log.js";
export type { VirtualAccount } from "./book/virtual-accounts.js";
export type { ClockOptions } from "./clock.js";
export { type FaultKind, type FaultRule, faultKinds, faultTargets } from "./faults.js";
export { type SandboxMerchant, sandboxMerchant } from "./merchants.js";
export {
  type DeliveryMode,
  type DeliveryRule,
  deliveryModes,
  type NotificationKind,
} from "./notifications/delivery-rules.js";
export type { NotificationAddresses } from "./notifications/notifications.js";
export type { NotificationEntry } from "./notifications/outbox.js";
export type { Deposit, OutsideOrder } from "./outside.js";
export { type Rules, ruleChoices } from "./rules.js";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.js";
export { type TestCard, testCards } from "./test-cards.js";
