/** For a store of one's own: the port, the rules over it, and the two stores there are. */
export { createLedger } from "./ledger.js";
export { createMemoryStore } from "./memory-store.js";
export { openPostgresStore } from "./postgres/open-store.js";
export * from "./store.js";
