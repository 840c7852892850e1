export type { ContractCase, OpenContract, OpenRecords } from "./contract-case.js";
export { notificationCases } from "./notification-cases.js";
export { pageCases } from "./page-cases.js";
export type { FullPageRecord, OpenPageContract } from "./page-steps.js";
export {
  type NotifiedPayment,
  type SampleChanges,
  type SampleNotifications,
  sampleAccount,
  sampleNotifications,
} from "./sample-notifications.js";
