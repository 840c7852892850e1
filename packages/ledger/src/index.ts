export type { KeyState, OrphanState } from "./billing-keys/key-rows.js";
export type {
  BillingKeyExtras,
  ClosedOrphanKey,
  ImportedBillingKey,
  KeySecret,
  KeyTimelineLine,
  OrphanKey,
  OrphanKeyWord,
  OrphanListOptions,
  SecretRotation,
} from "./billing-keys/public-types.js";
export { checkLedgerSecrets, type LedgerSecrets } from "./billing-keys/secrets.js";
export type { AttentionWord, ClosedAttention } from "./close-attention.js";
export type { DatabaseState, DatabaseWord } from "./database-identity/accept-database.js";
export { LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "./errors.js";
export type { ConsumerStatus } from "./events/consumers.js";
export type { DeadLetter, DeadLetterOptions } from "./events/dead-letters.js";
export type { Deliveries, EventConsumer } from "./events/event-consumer.js";
export type {
  EscrowEvent,
  EventHandlers,
  HandlerContext,
  KeyEvent,
  KeyEventKind,
  LedgerEvent,
  LedgerEvents,
  NotificationEvent,
  OrderEvent,
  OrderEventKind,
} from "./events/event-types.js";
export { keyEventKinds, orderEventKinds } from "./events/event-types.js";
export type { JournaledCall } from "./journal/replay-journal.js";
export { memoryLedger } from "./memory-ledger.js";
export type { NotificationReason } from "./notifications/inbox-rows.js";
export type {
  ListedNotification,
  NotificationExtras,
  NotificationListOptions,
  NotificationWord,
} from "./notifications/public-types.js";
export { type OpenLedgerOptions, openLedger } from "./open-ledger.js";
export type { OperatorFinding } from "./operator-settlement/operator-finding.js";
export type { OperatorSettlement } from "./operator-settlement/settle-by-operator.js";
export type { SettlementRefusal } from "./operator-settlement/why-not-settled.js";
export type { LedgerMerchant, LedgerOptions, LedgerTimers, WaitOptions } from "./options.js";
export type { OverdueAccount, OverdueOptions } from "./overdue-accounts.js";
export { type MigrateOptions, type Migration, migrateLedger } from "./postgres/migrate.js";
export type { DatabaseIdentity } from "./postgres/postgres-database.js";
export type {
  Balance,
  Ledger,
  ListedPayment,
  ListOptions,
  TimelineLine,
  UnknownCall,
} from "./public-types.js";
export type { RecoverOptions, Recovery } from "./recover.js";
export type { GatewayRecovery, LedgerGateway } from "./recover-at-gateway.js";
export type { ApprovalState, CancelState, TransitionKind } from "./store.js";
export type { LedgerWarning } from "./warnings.js";
export type { Worker, WorkerOptions, WorkerRun } from "./worker.js";
