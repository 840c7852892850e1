/**
 * The contract of a record of one's own: cases that say whether it keeps the promises that core's handler relies on. They
 * need Node.js and no test runner.
 */
export { billingKeyCases } from "./billing-key-cases.js";
export type { ContractCase, OpenContract, OpenRecords } from "./contract-case.js";
export { notificationCases } from "./notification-cases.js";
export { pageCases } from "./page-cases.js";
export type { FullPageRecord, OpenPageContract } from "./page-steps.js";
export { paymentRecordCases } from "./payment-cases.js";
export {
  type OpenParts,
  type RecordContract,
  type RecordPart,
  type RecordParts,
  recordContract,
} from "./record-contract.js";
export {
  type NotifiedPayment,
  type SampleChanges,
  type SampleNotifications,
  sampleAccount,
  sampleNotifications,
} from "./sample-notifications.js";
