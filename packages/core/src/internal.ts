/** For the toolkit's own packages: the adapters, the ledger, the CLI and the sandbox. These exports may change in any release. */

export { createTimedPayApi } from "./client.js";
export { createTimedHandler } from "./handler/index.js";
export { type HandlerLine, handlerLines } from "./handler/log-lines.js";
export { type CallLine, callLines } from "./log/call-lines.js";
export {
  codeOf,
  createLog,
  errorName,
  type Log,
  type LogEntry,
  type LogFields,
  type Logger,
  type LogLine,
  type LogLines,
} from "./log/log.js";
export { logDeletion, logOutcome, outcomeFields } from "./log/log-outcome.js";
export { logStoppedCalls } from "./log/log-stopped-calls.js";
export { sendWebResponse } from "./node/send-web-response.js";
export { type ToWebRequestOptions, toWebRequest } from "./node/to-web-request.js";
export { parseStoredFields, tidFieldOf } from "./notifications/parse-notification.js";
export { oncePerProcess } from "./once-per-process.js";
export { isOptions, type KnownOptions, type OptionNames, optionProblems } from "./option-names.js";
export { deleteKey as deleteBillingKey } from "./payments/billing-keys.js";
export { type CancellingStore, cancel as cancelPayment } from "./payments/cancel.js";
export type { Timers } from "./timers.js";
