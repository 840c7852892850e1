export type { KeyState } from "./billing-keys/key-rows.js";
export type {
  BillingKeyExtras,
  ImportedBillingKey,
  KeyTimelineLine,
  OrphanKey,
  SecretRotation,
} from "./billing-keys/public-types.js";
export type { LedgerSecrets } from "./billing-keys/secrets.js";
export { LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "./errors.js";
export { memoryLedger } from "./memory-ledger.js";
export type { NotificationReason } from "./notifications/inbox-rows.js";
export type {
  ListedNotification,
  NotificationExtras,
  NotificationListOptions,
} from "./notifications/public-types.js";
export { type OpenLedgerOptions, openLedger } from "./open-ledger.js";
export type { LedgerMerchant, LedgerOptions, LedgerTimers } from "./options.js";
export { type Migration, migrateLedger } from "./postgres/migrate.js";
export type {
  Balance,
  Ledger,
  ListedPayment,
  ListOptions,
  TimelineLine,
  UnknownCall,
} from "./public-types.js";
export type { Recovery } from "./recover.js";
export type { OperatorFinding, OperatorSettlement, SettlementRefusal } from "./settle-by-operator.js";
export type { ApprovalState, CancelState, TransitionKind } from "./store.js";
