export type { Cancellation, RequestEntry, Transaction } from "./book.js";
export { type FaultKind, type FaultRule, faultKinds } from "./faults.js";
export { type SandboxMerchant, sandboxMerchant } from "./merchants.js";
export { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.js";
export { type TestCard, testCards } from "./test-cards.js";
