import { createMemoryAttempts } from "./memory/memory-attempts.js";
import { createMemoryDatabase } from "./memory/memory-database.js";
import { createMemoryEvents } from "./memory/memory-events.js";
import { createMemoryInbox } from "./memory/memory-inbox.js";
import { createMemoryKeys } from "./memory/memory-keys.js";
import { createMemoryLinks } from "./memory/memory-links.js";
import { createMemoryRequests } from "./memory/memory-requests.js";
import { createMemoryVault } from "./memory/memory-vault.js";
import { MemoryTables } from "./memory-tables.js";
import { memoryTransaction } from "./memory-transaction.js";
import type { LedgerReading, LedgerStore, LedgerTransaction } from "./store.js";

/**
 * A store in the memory of this process: for tests, simulations and first steps. It keeps the same constraints as the
 * PostgreSQL store, runs one transaction at a time, and forgets everything when the process ends.
 */
export function createMemoryStore(): LedgerStore {
  const tables = new MemoryTables();
  const attempts = createMemoryAttempts();
  const requests = createMemoryRequests();
  const keys = createMemoryKeys();
  const links = createMemoryLinks();
  const inbox = createMemoryInbox();
  const database = createMemoryDatabase();
  const events = createMemoryEvents();
  const undoable = [
    tables,
    attempts.table,
    requests.table,
    ...keys.tables,
    links.table,
    inbox.table,
    database.table,
    ...events.tables,
  ];
  const operations = {
    ...memoryTransaction(tables),
    attempts: attempts.rows,
    requests: requests.rows,
    keys: keys.rows,
    links: links.rows,
    inbox: inbox.rows,
    database: database.rows,
    events: events.rows,
  };
  const begin = (): LedgerTransaction => ({ ...operations, startedAt: new Date() });
  let queue: Promise<unknown> = Promise.resolve();

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  }

  return {
    transaction: <T>(work: (tx: LedgerTransaction) => Promise<T>) =>
      inTurn(async () => {
        try {
          const result = await work(begin());
          for (const each of undoable) each.commit();
          return result;
        } catch (error) {
          for (const each of undoable) each.rollBack();
          throw error;
        }
      }),
    read: <T>(work: (tx: LedgerReading) => Promise<T>) => inTurn(() => work(begin())),
    vault: createMemoryVault(),
    close: async () => {},
  };
}
