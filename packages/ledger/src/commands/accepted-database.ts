import { createHash } from "node:crypto";
import type { SilentOutcome } from "../domain/sending.js";
import { LedgerError } from "../errors.js";
import type { ComparedDatabase } from "../store/port.js";
import { checkText, maskedNote } from "./check-request.js";
import type { LedgerContext } from "./context.js";

/** Whether the ledger's database is the accepted one. */
export interface DatabaseState {
  /** Identifies the database that answered. Pass it to `acceptDatabase` as `seen`. */
  readonly seen: string;
  /**
   * `false` after a restore or a failover: no call is reserved or sent until `acceptDatabase`. Reading, settling and notifications
   * continue.
   */
  readonly accepted: boolean;
  /** When the accepted database was accepted; `actor` and `evidence` say by whom and why. */
  readonly since: Date;
  readonly actor: string;
  readonly evidence: string;
}

/** An operator's statement that a database may be used for money. Stored permanently. */
export interface DatabaseAcceptance {
  readonly actor: string;
  readonly evidence: string;
  /** `seen` of `database()`, read before the comparison with the gateway began. */
  readonly seen: string;
}

export async function databaseState({ store }: LedgerContext): Promise<DatabaseState> {
  return stateOf(await store.compareDatabase());
}

export async function acceptDatabase(
  { store, now }: LedgerContext,
  acceptance: DatabaseAcceptance,
): Promise<DatabaseState> {
  const note = maskedNote(acceptance);
  const { seen } = acceptance;
  checkText("seen", seen, 100);
  const compared = await store.compareDatabase();
  const { identity } = compared;
  if (seen !== nameOf(identity)) {
    throw new LedgerError(
      "database-changed",
      "The database is not the one in `seen`: another server took over, or it was restored again. Read database() again, and compare that database with the gateway's console",
    );
  }
  // If another server takes over before this is written, it stays unaccepted: its identity is another one.
  if (!isAccepted(compared)) await store.acceptDatabase({ identity, at: now(compared), ...note });
  return stateOf(await store.compareDatabase());
}

function stateOf(compared: ComparedDatabase): DatabaseState {
  const { at: since, actor, evidence } = compared.accepted;
  return { seen: nameOf(compared.identity), accepted: isAccepted(compared), since, actor, evidence };
}

/** Short enough to type, and reveals nothing about the server. */
function nameOf(identity: string): string {
  return createHash("sha256").update(identity).digest("hex").slice(0, 16);
}

export function isAccepted({ identity, accepted }: ComparedDatabase): boolean {
  return identity === accepted.identity;
}

/**
 * Whether later rows of a call may be missing: it was reserved before the database was replaced, so it may have been sent, settled or undone
 * since.
 */
export function mayHaveLostRows({ accepted, isFirst }: ComparedDatabase, reservedAt: Date): boolean {
  return !isFirst && reservedAt <= accepted.at;
}

/**
 * The outcome of a call that is reserved in the database and whose process is silent: `not-sent`, or `unknown` if the row that marked it as
 * sending may be missing. `undefined` while the database is not accepted.
 */
export function outcomeOfReserved(database: ComparedDatabase, reservedAt: Date): SilentOutcome | undefined {
  if (!isAccepted(database)) return undefined;
  return mayHaveLostRows(database, reservedAt) ? "unknown" : "not-sent";
}

export function databaseChanged(): LedgerError {
  return new LedgerError(
    "database-changed",
    "The ledger's database was restored, or another server took over, so payments may be missing. Nothing is reserved or sent. Compare it with the gateway's console, then call acceptDatabase({ actor, evidence, seen })",
  );
}
