import type { LedgerContext } from "../context.js";
import { LedgerError, LedgerUnavailableError } from "../errors.js";
import { settleOnce } from "../settle.js";

/** A call that the gateway said yes to and the database does not know to have ended. */
export interface JournaledCall {
  /** The file in the journal's folder. */
  readonly file: string;
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
 * Tells the database what it could not be told. Safe at any time and from several processes: a fact that is told twice
 * changes nothing. What the database refuses stays in the journal.
 */
export async function replayJournal(context: LedgerContext): Promise<void> {
  const { journal } = context;
  if (journal === undefined) return;
  for (const { name, entry } of await journal.files()) {
    if (entry === undefined) continue;
    try {
      await settleOnce(context, entry, entry.outcome);
    } catch (error) {
      // Without a database no other entry could be told either.
      if (error instanceof LedgerUnavailableError && error.sqlState === undefined) throw error;
      if (error instanceof LedgerError) continue;
      throw error;
    }
    await journal.remove(name);
  }
}

export async function journaledCalls({ journal }: LedgerContext): Promise<readonly JournaledCall[]> {
  const files = (await journal?.files()) ?? [];
  return files.map(({ name, entry }) => {
    if (entry === undefined) return { file: name };
    const { kind, orderId, oid, price, at, outcome } = entry;
    const { tid } = outcome;
    const ids = { ...(oid === undefined ? {} : { oid }), ...(tid === undefined ? {} : { tid }) };
    return { file: name, call: { kind, orderId, ...ids, price, at } };
  });
}
