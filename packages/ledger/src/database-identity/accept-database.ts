import { createHash } from "node:crypto";
import { checkText, keptWord } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import type { LedgerReading, LedgerTransaction } from "../store.js";

/** Whether the ledger may send calls from what is in its database. */
export interface DatabaseState {
  /** Which database this is: a text that means nothing but equal or not, for `acceptDatabase`. */
  readonly seen: string;
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
    "The ledger's database was restored or another server took over, and it may have lost payments: compare it with the gateway's console, then acceptDatabase({ actor, evidence, seen }). Nothing is sent until then",
  );
}

/** Who says that a database may be used, and why. */
export interface DatabaseWord {
  readonly actor: string;
  readonly evidence: string;
  /** Of `database()`, before the comparison began: another one may have taken over meanwhile. */
  readonly seen: string;
}

export function databaseState({ store }: LedgerContext): Promise<DatabaseState> {
  return store.read(stateOf);
}

export function acceptDatabase({ store, now }: LedgerContext, word: DatabaseWord): Promise<DatabaseState> {
  const words = keptWord(word);
  const { seen } = word;
  checkText("seen", seen, 100);
  return store.transaction(async (tx) => {
    const { identity, accepted } = await tx.database.compare();
    if (seen !== nameOf(identity)) {
      throw new LedgerError(
        "database-changed",
        "This is not the database that was seen: another took over since, or it was restored again. Ask database() which one it is, and compare that one",
      );
    }
    if (identity !== accepted.identity) {
      await tx.database.accept({ identity, at: now(tx), ...words });
    }
    return stateOf(tx);
  });
}

async function stateOf(tx: LedgerReading): Promise<DatabaseState> {
  const { identity, accepted } = await tx.database.compare();
  const { at: since, actor, evidence } = accepted;
  return { seen: nameOf(identity), accepted: identity === accepted.identity, since, actor, evidence };
}

/** Short enough to be typed, and nothing of the server to be read from it. */
function nameOf(identity: string): string {
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}
