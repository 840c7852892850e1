import type { SilentOutcome } from "../domain/silence.js";
import { LedgerError } from "../errors.js";
import type { ComparedDatabase } from "../store/database-rows.js";
import type { LedgerTransaction } from "../store/port.js";
import type { LedgerContext } from "./context.js";
import { changeKeys } from "./keys/change-keys.js";

/**
 * Runs `work` as one transaction, and only in the database that was accepted last. After a failover or a restore, rows that were
 * durable may be missing, and with them the lock on an order that was charged. The database is compared in the same transaction,
 * so the server that is compared is the one that `work` writes to.
 *
 * @throws LedgerError `database-changed`; nothing was written
 */
export function inAcceptedDatabase<T>(
  context: Pick<LedgerContext, "store" | "mid">,
  work: (tx: LedgerTransaction, database: ComparedDatabase) => Promise<T>,
): Promise<T> {
  return changeKeys(
    context,
    async (tx) => {
      const database = await tx.database.compare();
      if (!isAccepted(database)) throw databaseChanged();
      return work(tx, database);
    },
    { comparesDatabase: true },
  );
}

export function isAccepted({ identity, accepted }: ComparedDatabase): boolean {
  return identity === accepted.identity;
}

/**
 * Whether rows about a call may be missing: it was reserved before the database was replaced by the one that is accepted now, so it
 * may have been sent, settled or undone since.
 */
export function mayHaveLostRows({ accepted, isFirst }: ComparedDatabase, reservedAt: Date): boolean {
  return !isFirst && reservedAt <= accepted.at;
}

/**
 * How a call ends that the database has as reserved and whose process fell silent: `not-sent`, or `unknown` if the row that marked it
 * as sending may be missing. `undefined` while the database is not accepted: nobody has compared it with the gateway's console yet.
 */
export function outcomeOfReserved(database: ComparedDatabase, reservedAt: Date): SilentOutcome | undefined {
  if (!isAccepted(database)) return undefined;
  return mayHaveLostRows(database, reservedAt) ? "unknown" : "not-sent";
}

export function databaseChanged(): LedgerError {
  return new LedgerError(
    "database-changed",
    "The ledger's database was restored or another server took over, and it may have lost payments: compare it with the gateway's console, then acceptDatabase({ actor, evidence, seen }). Nothing is reserved or sent until then",
  );
}
