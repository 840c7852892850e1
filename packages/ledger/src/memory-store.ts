import { MemoryTables } from "./memory-tables.js";
import { memoryTransaction } from "./memory-transaction.js";
import type { LedgerReading, LedgerStore, LedgerTransaction } from "./store.js";

/**
 * A store in the memory of this process: for tests, simulations and first steps. It keeps the same constraints as the
 * PostgreSQL store, runs one transaction at a time, and forgets everything when the process ends.
 */
export function createMemoryStore(): LedgerStore {
  const tables = new MemoryTables();
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
          const result = await work(memoryTransaction(tables));
          tables.commit();
          return result;
        } catch (error) {
          tables.rollBack();
          throw error;
        }
      }),
    read: <T>(work: (tx: LedgerReading) => Promise<T>) => inTurn(() => work(memoryTransaction(tables))),
    close: async () => {},
  };
}
