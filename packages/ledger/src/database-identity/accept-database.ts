import { keptWord } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import type { LedgerReading, LedgerTransaction } from "../store.js";

/** Whether the ledger may send calls from what is in its database. */
export interface DatabaseState {
  /** `false`: it was restored, or another server took over. No call is sent until `acceptDatabase`; everything else goes on. */
  readonly accepted: boolean;
  /** When the database that was accepted last was, by whom, and on what evidence. */
  readonly since: Date;
  readonly actor: string;
  readonly evidence: string;
}

/**
 * Rows that were durable may be gone after a failover or a restore, and with them the lock on an order that was charged.
 * Looked at in the transaction that makes a call sending, so that the server that answers is the one that is asked about.
 */
export async function refuseChangedDatabase(tx: LedgerTransaction): Promise<void> {
  const { identity, accepted } = await tx.database.compare();
  if (identity === accepted.identity) return;
  throw new LedgerError(
    "database-changed",
    "The ledger's database was restored or another server took over, and it may have lost payments: compare it with the gateway's console, then acceptDatabase({ actor, evidence }). Nothing is sent until then",
  );
}

export function databaseState({ store }: LedgerContext): Promise<DatabaseState> {
  return store.read(stateOf);
}

export function acceptDatabase(
  { store, now }: LedgerContext,
  word: { readonly actor: string; readonly evidence: string },
): Promise<DatabaseState> {
  const words = keptWord(word);
  return store.transaction(async (tx) => {
    const { identity, accepted } = await tx.database.compare();
    if (identity !== accepted.identity) {
      await tx.database.accept({ identity, at: now(tx), ...words });
    }
    return stateOf(tx);
  });
}

async function stateOf(tx: LedgerReading): Promise<DatabaseState> {
  const { identity, accepted } = await tx.database.compare();
  const { at: since, actor, evidence } = accepted;
  return { accepted: identity === accepted.identity, since, actor, evidence };
}
