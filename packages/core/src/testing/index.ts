/**
 * The contract of a record of one's own: cases that say whether it keeps the promises that core's handler relies on. They
 * need Node.js and no test runner.
 */
export { billingKeyCases } from "./billing-key-cases.js";
export type { ContractCase, OpenContract, OpenRecords } from "./contract-case.js";
export { paymentRecordCases } from "./payment-cases.js";
export {
  type RecordContract,
  type RecordOf,
  type RecordPart,
  type RecordParts,
  recordContract,
} from "./record-contract.js";
