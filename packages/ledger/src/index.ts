export type { DatabaseState, DatabaseWord } from "./commands/accept-database.js";
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
} from "./commands/keys/key-types.js";
export { checkLedgerSecrets, type LedgerSecrets } from "./commands/keys/secrets.js";
export type {
  ListedNotification,
  NotificationExtras,
  NotificationListOptions,
  NotificationWord,
} from "./commands/notification-types.js";
export type { LedgerWarning } from "./commands/warnings.js";
export type { NotificationReason } from "./domain/notification-rows.js";
export type { OperatorFinding, OperatorSettlement, SettlementRefusal } from "./domain/resolution.js";
export type { AttentionWord, ClosedAttention } from "./domain/review.js";
export type { ApprovalState, CancelState, TransitionKind } from "./domain/rows.js";
export { LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "./errors.js";
export { memoryLedger } from "./memory-ledger.js";
export { type OpenLedgerOptions, openLedger } from "./open-ledger.js";
export type { LedgerMerchant, LedgerOptions, LedgerTimers, WaitOptions } from "./options.js";
export type { ConsumerStatus } from "./outbox/consumers.js";
export type { DeadLetter, DeadLetterOptions } from "./outbox/dead-letters.js";
export type { Deliveries, EventConsumer } from "./outbox/event-consumer.js";
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
} from "./outbox/event-types.js";
export { keyEventKinds, orderEventKinds } from "./outbox/event-types.js";
export type {
  Balance,
  Ledger,
  ListedPayment,
  ListOptions,
  TimelineLine,
  UnknownCall,
} from "./public-types.js";
export type { RecoverOptions, Recovery } from "./recovery/recover.js";
export type { GatewayRecovery, LedgerGateway } from "./recovery/recover-at-gateway.js";
export type { JournaledCall } from "./recovery/replay-journal.js";
export type { Worker, WorkerOptions, WorkerRun } from "./recovery/worker.js";
export type { OverdueAccount, OverdueOptions } from "./reports/overdue-accounts.js";
export type { KeyState, OrphanState } from "./store/key-rows.js";
export { type MigrateOptions, type Migration, migrateLedger } from "./store/postgres/migrate.js";
export type { DatabaseIdentity } from "./store/postgres/postgres-database.js";
