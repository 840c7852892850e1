/**
 * For tests and the simulation: the domain, the store's port and its implementations, and ledgers with a clock of their own. For the CLI:
 * the rule for connection strings.
 */

export { inEnvironment, type LedgerTimers, type WaitOptions } from "./commands/context.js";
export * from "./domain/billing-key.js";
export type { DuePage, DuePlace, SilenceLimits } from "./domain/deadlines.js";
export * from "./domain/decide.js";
export { decideKey, type KeyAnswers, type KeyFact } from "./domain/decide-key.js";
export type { SettledFacts } from "./domain/facts.js";
export * from "./domain/notification-rows.js";
export * from "./domain/order.js";
export * from "./domain/rows.js";
export { type LedgerLine, ledgerLines } from "./errors.js";
export { type CreateLedgerOptions, createLedger } from "./ledger.js";
export { openTimedLedger, timedMemoryLedger } from "./open-ledger.js";
export type { TimedLedgerOptions } from "./options.js";
export * from "./store/event-rows.js";
export {
  type Journal,
  type JournalEntry,
  type JournalFile,
  openJournal,
  readEntry,
  writeEntry,
} from "./store/journal.js";
export * from "./store/key-vault.js";
export * from "./store/limit-rows.js";
export { createMemoryStore } from "./store/memory/memory-store.js";
export * from "./store/port.js";
export { isConnectionString } from "./store/postgres/pool.js";
export { openPostgresStore } from "./store/postgres/postgres-store.js";
