/** For a store or a journal of one's own: the ports, the rules over them, and those there are. */
export * from "./attempts/attempt-rows.js";
export * from "./billing-keys/key-rows.js";
export type { KeyVault, SealedPlace } from "./billing-keys/key-vault.js";
export * from "./database-identity/database-rows.js";
export * from "./events/event-rows.js";
export { type Journal, type JournalFile, openJournal } from "./journal/journal.js";
export { type JournalEntry, readEntry, writeEntry } from "./journal/journal-entry.js";
export { type CreateLedgerOptions, createLedger } from "./ledger.js";
export { createMemoryStore } from "./memory-store.js";
export * from "./notifications/inbox-rows.js";
export * from "./payment-page/link-rows.js";
export { openPostgresStore } from "./postgres/open-store.js";
export type { SettledFacts } from "./reply-facts.js";
export * from "./requests/request-rows.js";
export * from "./store.js";
