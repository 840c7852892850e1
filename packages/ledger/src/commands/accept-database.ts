import { createHash } from "node:crypto";
import { LedgerError } from "../errors.js";
import type { LedgerReading } from "../store/port.js";
import { isAccepted } from "./accepted-database.js";
import { checkText, keptWord } from "./check-request.js";
import type { LedgerContext } from "./context.js";

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
