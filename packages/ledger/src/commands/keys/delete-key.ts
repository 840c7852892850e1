import type { BillingKey, KeyDeletionReservation, KeyOutcome, ReservedKeyDeletion } from "@payapi/core";
import { factsOf } from "../../domain/facts.js";
import { LedgerError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import { isLeft } from "../../store/key-rows.js";
import type { LedgerTransaction } from "../../store/port.js";
import { inAcceptedDatabase } from "../accepted-database.js";
import type { LedgerContext } from "../context.js";
import { keepTrying } from "../settle.js";
import { deletionOf, endOfDeletion, isRunning, move, wordsOf } from "./issue-key.js";
import { changeKeys, keyTransition, seenKey, vaultOf } from "./keys.js";

/**
 * Stops the key of an id for good; one that is stopped already may be deleted again, by one caller at a time.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveKeyDeletion(context: LedgerContext, id: string): Promise<KeyDeletionReservation> {
  vaultOf(context);
  return inAcceptedDatabase(context, async (tx) => {
    const rows = await tx.keys.lockKey(context.mid, id);
    // A replacement that succeeds after this would bring the key back.
    if (rows.some(isRunning)) return refused("in-progress");
    const row =
      rows.find(({ state }) => state === "active") ?? rows.find((each) => isLeft(each, context.now(tx)));
    if (row !== undefined) return { status: "reserved", call: await reserveDeletion(context, tx, row) };
    if (rows.some(({ state }) => state === "deleting")) return refused("in-progress");
    return refused(rows.some(({ state }) => state === "deleted") ? "already-deleted" : "no-such-key");
  });
}

/** The same for one row: also the key that another one has replaced under its id. */
export function reserveKeyDeletionRetry(
  context: LedgerContext,
  callId: string,
): Promise<KeyDeletionReservation> {
  vaultOf(context);
  return inAcceptedDatabase(context, async (tx) => {
    const found = await tx.keys.findRow(context.mid, callId);
    const rows = found === undefined ? [] : await tx.keys.lockKey(context.mid, found.keyId);
    const row = rows.find(({ id }) => id === callId);
    if (row?.state === "deleted") return refused("already-deleted");
    if (row?.state !== "deleting") return refused("no-such-key");
    if (!isLeft(row, context.now(tx))) return refused("in-progress");
    return { status: "reserved", call: await reserveDeletion(context, tx, row) };
  });
}

/** Stops a key, if it is not yet, and gives it to be deleted. */
export async function reserveDeletion(
  context: LedgerContext,
  tx: LedgerTransaction,
  row: KeyRow,
  actor: string | null = null,
): Promise<ReservedKeyDeletion> {
  const at = context.now(tx);
  const deletionEndsAt = endOfDeletion(context, at);
  const stopped = await move(tx, row, { state: "deleting", deletionEndsAt, deleteAt: deletionEndsAt });
  await tx.keys.addKeyTransition(keyTransition(stopped, { at, from: row.state, actor }));
  return deletionOf(vaultOf(context), stopped);
}

/** Keeps what came of a deletion: only the gateway's yes ends it. */
export function settleKeyDeletion(
  context: LedgerContext,
  call: ReservedKeyDeletion,
  outcome: KeyOutcome,
): Promise<BillingKey> {
  vaultOf(context);
  const { mid } = context;
  const { billkey: _, ...reply } = outcome;
  const facts = factsOf(reply);
  return keepTrying(context, () =>
    changeKeys(context, async (tx) => {
      const row = (await tx.keys.lockKey(mid, call.id)).find(({ id }) => id === call.callId);
      if (row === undefined || !["deleting", "deleted"].includes(row.state)) {
        throw new LedgerError("no-such-call", "The deletion to settle is not in the record");
      }
      // Settled before: a repetition that was refused, say because the key is gone, is no news.
      if (row.state === "deleting" && !(row.deletionEndsAt === null && facts.outcome !== "succeeded")) {
        const at = context.now(tx);
        const ended = { ...wordsOf(facts), deletionEndsAt: null };
        const moved = await move(
          tx,
          row,
          facts.outcome === "succeeded"
            ? { state: "deleted", encryptedKey: null, deleteAt: null, ...ended }
            : { state: "deleting", deleteAt: at, ...ended },
        );
        await tx.keys.addKeyTransition(
          keyTransition(moved, { at, from: row.state, outcome: facts.outcome, ...wordsOf(facts) }),
        );
      }
      return seenKey(await tx.keys.rowsOfKey(mid, call.id));
    }),
  );
}

function refused(reason: "no-such-key" | "in-progress" | "already-deleted") {
  return { status: "refused", reason } as const;
}
