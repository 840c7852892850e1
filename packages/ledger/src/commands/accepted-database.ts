import { createHash } from "node:crypto";
import type { SilentOutcome } from "../domain/sending.js";
import { type ComparedDatabase, type Replication, UniqueConflict } from "../store/port.js";
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
  /**
   * From when the gateway's console has to be compared before it is accepted: what this database knows may end there. Missing without
   * payments.
   */
  readonly compareFrom?: Date;
}

export async function databaseState({ store, mid, times }: LedgerContext): Promise<DatabaseState> {
  const compared = await store.compareDatabase();
  const [newest] = await store.read((tx) => tx.orders(mid, { newest: { limit: 1 } }));
  const last = Math.max(...(newest?.approvals ?? []).map(({ createdAt }) => createdAt.getTime()));
  // A call that was reserved before may have been settled after the newest reservation.
  const compareFrom = new Date(last - times.reservedTimeoutMs - times.callTimeoutMs - times.settleRetryMs);
  const state = stateOf(compared);
  return Number.isFinite(last) ? { ...state, compareFrom } : state;
}

/**
 * Returns a check that warns about what an idle shop would not notice: the database was replaced, its standby is gone, or it has become slow.
 *
 * @throws LedgerError `unsafe-database` if the server hides its identity
 */
export function watchDatabase(context: LedgerContext): () => Promise<void> {
  const { store, timers, times, warnings } = context;
  let last: Replication | undefined;
  let announced: string | undefined;
  return async () => {
    // Also opens the connection, so that the transaction below measures only the round trip.
    const replication = await store.replication();
    // A standby does not reveal its timeline, and is only read.
    if (replication === "standby") return;
    const compared = await store.compareDatabase();
    const state = stateOf(compared);
    if (!state.accepted) {
      warnings.write("database-changed", { seen: state.seen });
      if (announced !== state.seen) await announceChanged(context, state, context.now(compared));
      announced = state.seen;
    }
    if (replication === "asynchronous") warnings.write("asynchronous-standby");
    if (last === "synchronous" && replication !== "synchronous") warnings.write("standby-lost");
    last = replication;
    const begun = timers.monotonic();
    await store.read(async () => {});
    // Such a transaction takes two round trips, as marking a call does: a load and a save.
    const marking = timers.monotonic() - begun;
    if (marking * 2 > times.maxPauseMs) {
      warnings.write("slow-database", { roundTripsMs: Math.round(marking), maxPauseMs: times.maxPauseMs });
    }
  };
}

/** Writes the event of a replaced database. Every process of the shop finds it, so its id is the same for all of them. */
async function announceChanged(
  { store, mid }: LedgerContext,
  { seen, since }: DatabaseState,
  at: Date,
): Promise<void> {
  const hash = createHash("sha256")
    .update(JSON.stringify([mid, seen, since.getTime()]))
    .digest("hex");
  const id = hash.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-8$3-8$4-$5");
  const event = { id, mid, kind: "database-changed", orderingKey: `database:${seen}`, at };
  try {
    await store.save({ mid, events: [{ ...event, data: JSON.stringify({ seen }) }] });
  } catch (error) {
    if (!(error instanceof UniqueConflict)) throw error;
  }
}

function stateOf(compared: ComparedDatabase): DatabaseState {
  const { at: since, actor, evidence } = compared.accepted;
  return { seen: nameOf(compared.identity), accepted: isAccepted(compared), since, actor, evidence };
}

/** Short enough to type, and reveals nothing about the server. */
export function nameOf(identity: string): string {
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
