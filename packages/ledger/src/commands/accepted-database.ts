import { createHash } from "node:crypto";
import type { SilentOutcome } from "../domain/sending.js";
import { LedgerError } from "../errors.js";
import type { ComparedDatabase, LedgerReading, LedgerTransaction } from "../store/port.js";
import { checkText, keptWord } from "./check-request.js";
import type { LedgerContext } from "./context.js";
import { changeKeys } from "./keys/keys.js";

/** Whether the ledger may send calls from what is in its database. */
export interface DatabaseState {
  /** Which database this is: a text that means nothing but equal or not, for `acceptDatabase`. */
  readonly seen: string;
  /**
   * `false`: it was restored, or another server took over. No call is reserved or sent until `acceptDatabase`; reading, settling and
   * notifications go on.
   */
  readonly accepted: boolean;
  /** When the database that was accepted last was, by whom, and on what evidence. */
  readonly since: Date;
  readonly actor: string;
  readonly evidence: string;
}

/** Who says that a database may be used, and why. */
export interface DatabaseAcceptance {
  readonly actor: string;
  readonly evidence: string;
  /** Of `database()`, before the comparison began: another one may have taken over meanwhile. */
  readonly seen: string;
}

export function databaseState({ store }: LedgerContext): Promise<DatabaseState> {
  return store.read(stateOf);
}

export function acceptDatabase(
  { store, now }: LedgerContext,
  word: DatabaseAcceptance,
): Promise<DatabaseState> {
  const words = keptWord(word);
  const { seen } = word;
  checkText("seen", seen, 100);
  return store.transaction(async (tx) => {
    const compared = await tx.database.compare();
    const { identity } = compared;
    if (seen !== nameOf(identity)) {
      throw new LedgerError(
        "database-changed",
        "This is not the database that was seen: another took over since, or it was restored again. Ask database() which one it is, and compare that one",
      );
    }
    if (!isAccepted(compared)) {
      await tx.database.accept({ identity, at: now(tx), ...words });
    }
    return stateOf(tx);
  });
}

async function stateOf(tx: LedgerReading): Promise<DatabaseState> {
  const compared = await tx.database.compare();
  const { at: since, actor, evidence } = compared.accepted;
  return { seen: nameOf(compared.identity), accepted: isAccepted(compared), since, actor, evidence };
}

/** Short enough to be typed, and nothing of the server to be read from it. */
function nameOf(identity: string): string {
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

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
