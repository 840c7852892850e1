import type { LedgerContext } from "../commands/context.js";
import { settleOnce } from "../commands/settle.js";
import { LedgerError } from "../errors.js";
import type { Journal, JournalFile } from "./journal.js";
import { isDatabaseAway } from "./run-tasks.js";

/** A call that the gateway said yes to and the database does not know to have ended. */
export interface JournaledCall {
  /** The file in the journal's folder. */
  readonly file: string;
  /**
   * Why nobody can read it: the code of the system, such as `EACCES`, or `no-entry` for a file that is damaged, or of another
   * version of this package.
   */
  readonly unreadable?: string;
  /** Missing, with everything below, when nobody can read the file. */
  readonly call?: {
    readonly kind: "approval" | "cancel";
    readonly orderId: string;
    /** What to search the gateway's console for; of an approval. */
    readonly oid?: string;
    readonly tid?: string;
    /** Won asked for. */
    readonly price: number;
    /** When it was written. */
    readonly at: Date;
  };
}

/**
 * Tells the database what it could not be told, and resolves to what went wrong with that, if anything. Safe at any time and
 * from several processes: a fact that is told twice changes nothing. Each entry stands alone; what cannot be told stays.
 *
 * @throws LedgerUnavailableError without a database
 */
export async function replayJournal(context: LedgerContext): Promise<LedgerError[]> {
  const { journal } = context;
  if (journal === undefined) return [];
  const problems: unknown[] = [];
  for (const { name, entry, unreadable } of await filesOf(journal, problems)) {
    try {
      if (entry === undefined) throw new Error(`A file of the journal cannot be read: ${unreadable}`);
      await settleOnce(context, entry, entry.outcome);
      await journal.remove(name);
    } catch (error) {
      // Without a database no other entry could be told either.
      if (isDatabaseAway(error)) throw error;
      problems.push(error);
    }
  }
  return problems.length === 0 ? [] : [notReplayed(problems)];
}

async function filesOf(journal: Journal, problems: unknown[]): Promise<readonly JournalFile[]> {
  try {
    return await journal.files();
  } catch (error) {
    problems.push(error);
    return [];
  }
}

function notReplayed(problems: readonly unknown[]): LedgerError {
  return new LedgerError(
    "not-replayed",
    `${problems.length === 1 ? "An entry" : `${problems.length} entries`} of the journal could not be told to the database: see journaled()`,
    { cause: new AggregateError(problems) },
  );
}

export async function journaledCalls({ journal }: LedgerContext): Promise<readonly JournaledCall[]> {
  const files = (await journal?.files()) ?? [];
  return files.map(({ name, entry, unreadable = "no-entry" }) => {
    if (entry === undefined) return { file: name, unreadable };
    const { kind, orderId, oid, price, at, outcome } = entry;
    const { tid } = outcome;
    const ids = { ...(oid === undefined ? {} : { oid }), ...(tid === undefined ? {} : { tid }) };
    return { file: name, call: { kind, orderId, ...ids, price, at } };
  });
}
