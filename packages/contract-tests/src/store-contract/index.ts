/**
 * The contract of a store of one's own: cases that say whether it keeps the promises that core's handler relies on. They
 * need Node.js and no test runner.
 */
export { billingKeyCases } from "./billing-key-cases.js";
export type { ContractCase, OpenContract, OpenStores } from "./contract-case.js";
export { hostedPaymentCases } from "./hosted-payment-cases.js";
export type { HostedPaymentStore, OpenPageContract } from "./hosted-payment-steps.js";
export { notificationCases } from "./notification-cases.js";
export { paymentStoreCases } from "./payment-cases.js";
export {
  type NotifiedPayment,
  type SampleChanges,
  type SampleNotifications,
  sampleAccount,
  sampleNotifications,
} from "./sample-notifications.js";
export {
  type OpenParts,
  type StoreContract,
  type StorePart,
  type StoreParts,
  storeContract,
} from "./store-contract.js";
