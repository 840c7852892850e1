export type { DatabaseState } from "./commands/accepted-database.js";
export type { LedgerGateway } from "./commands/context.js";
export type {
  ImportedBillingKey,
  KeySecret,
  KeyTimelineEntry,
  LedgerKeys,
  OperatorNote,
  OrphanKey,
  OrphanListOptions,
  SecretRotation,
} from "./commands/key-methods.js";
export type {
  LedgerNotifications,
  ListedNotification,
  NotificationListOptions,
  ReleaseNote,
} from "./commands/notifications.js";
export type {
  ComparedPayment,
  ConsoleTransaction,
  DatabaseAcceptance,
} from "./commands/operator-statements.js";
export type { Adoption, FoundPayment } from "./domain/adopt-payment.js";
export type { ClosedOrphanKey, KeyState, OrphanState } from "./domain/billing-key.js";
export type {
  DatabaseEvent,
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
} from "./domain/event-types.js";
export { keyEventKinds, orderEventKinds } from "./domain/event-types.js";
export type { Resolution, ResolutionRefusal, ResolutionResult } from "./domain/facts.js";
export type { NotificationReason } from "./domain/notification-rows.js";
export type { ClosedReview, ReviewNote } from "./domain/resolution.js";
export type { ApprovalState, CancelState, TransitionKind } from "./domain/rows.js";
export { LedgerError, type LedgerErrorCode, LedgerUnavailableError } from "./errors.js";
export type { Ledger } from "./ledger.js";
export { memoryLedger, type OpenLedgerOptions, openLedger } from "./open-ledger.js";
export type { LedgerMerchant, LedgerOptions } from "./options.js";
export type {
  ConsumerStatus,
  DeadLetter,
  DeadLetterOptions,
  Deliveries,
  EventConsumer,
} from "./outbox/consumers.js";
export type { LedgerEventQueues } from "./outbox/deliver-events.js";
export type { JournaledCall, RecoverOptions, Recovery } from "./recovery/recover.js";
export type { GatewayRecovery } from "./recovery/recover-at-gateway.js";
export type { LedgerHealth, LedgerOperations, Worker, WorkerOptions, WorkerRun } from "./recovery/worker.js";
export type { LedgerPayments, OverdueAccount, OverdueOptions } from "./reports/lists.js";
export type { Balance, CallInReview, ListedPayment, ListOptions, TimelineEntry } from "./reports/payments.js";
export { checkLedgerSecrets, type LedgerSecrets } from "./store/key-vault.js";
export { type MigrateOptions, type Migration, migrateLedger } from "./store/postgres/migrate.js";
export type { DatabaseIdentity } from "./store/postgres/postgres-database.js";
