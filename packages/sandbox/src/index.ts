export type { BillingCharge, BillingKey } from "./book/billing-keys.js";
export type { BookCopy, Cancellation, Transaction } from "./book/book.js";
export type { EscrowDelivery, EscrowPurchase, EscrowState } from "./book/escrow.js";
export type { PaymentLink } from "./book/payment-links.js";
export type { RequestEntry } from "./book/request-log.js";
export type { VirtualAccount } from "./book/virtual-accounts.js";
export type { Deposit, OutsideOrder } from "./control/outside.js";
export { type FaultKind, type FaultRule, faultKinds, faultTargets } from "./gateway/faults.js";
export { type SandboxMerchant, sandboxMerchant } from "./gateway/merchants.js";
export { type Rules, ruleChoices } from "./gateway/rules.js";
export { type TestCard, testCards } from "./gateway/test-cards.js";
export {
  type DeliveryMode,
  type DeliveryRule,
  deliveryModes,
  type NotificationKind,
} from "./notifications/delivery-rules.js";
export type { NotificationAddresses } from "./notifications/notifications.js";
export type { NotificationEntry } from "./notifications/outbox.js";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.js";
export type { ClockOptions } from "./time/clock.js";
