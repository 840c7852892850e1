/** For tests of the ledger's own house: the port of its store, the stores there are, and the rules over any of them. */

export * from "./domain/decide.js";
export * from "./domain/notification-rows.js";
export * from "./domain/order.js";
export type { SettledFacts } from "./domain/reply-facts.js";
export * from "./domain/rows.js";
export { type CreateLedgerOptions, createLedger } from "./ledger.js";
export { type Journal, type JournalFile, openJournal } from "./recovery/journal.js";
export { type JournalEntry, readEntry, writeEntry } from "./recovery/journal-entry.js";
export * from "./store/database-rows.js";
export * from "./store/event-rows.js";
export * from "./store/key-rows.js";
export { createKeyVault, type KeyVault, type SealedPlace } from "./store/key-vault.js";
export * from "./store/limit-rows.js";
export { createMemoryStore } from "./store/memory/memory-store.js";
export * from "./store/port.js";
export { openPostgresStore } from "./store/postgres/postgres-store.js";
