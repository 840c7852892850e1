export { LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "./errors.js";
export { memoryLedger } from "./memory-ledger.js";
export { type OpenLedgerOptions, openLedger } from "./open-ledger.js";
export type { LedgerMerchant, LedgerOptions } from "./options.js";
export { type Migration, migrateLedger } from "./postgres/migrate.js";
export type {
  Balance,
  Ledger,
  ListedNotification,
  ListedPayment,
  ListOptions,
  NotificationListOptions,
  TimelineLine,
  UnknownCall,
} from "./public-types.js";
export type { Recovery } from "./recover.js";
export type { OperatorFinding, OperatorSettlement, SettlementRefusal } from "./settle-by-operator.js";
export type { ApprovalState, CancelState, NotificationReason, TransitionKind } from "./store.js";
