import type { BillingKey, KeyDeletionReservation, KeyOutcome, ReservedKeyDeletion } from "@payapi/core";
import { factsOf } from "../../domain/facts.js";
import { LedgerError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import { isLeft } from "../../store/key-rows.js";
import type { LedgerTransaction } from "../../store/port.js";
import { inAcceptedDatabase } from "../accepted-database.js";
import type { LedgerContext } from "../context.js";
import { keepTrying } from "../settle.js";
import { deletionOf, endOfDeletion, isRunning, move, replyOf } from "./issue-key.js";
import { changeKeys, keyTransition, seenKey, vaultOf } from "./keys.js";

/**
 * Reserves the deletion of an id's active key, which stops the key for good. A stopped key may be deleted again, by one caller at a time.
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

/** As {@link reserveKeyDeletion} for one row, which may be a key that was replaced. */
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

/** Stops a key, if it is not stopped yet, and reserves its deletion. */
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

/** Settles a deletion. Only the gateway's success makes the key `deleted`. */
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
        throw new LedgerError(
          "no-such-call",
          "The ledger has no such key deletion: pass the call that reserveKeyDeletion returned",
        );
      }
      // Settled before: a repeat that was refused, for example because the key is gone, changes nothing.
      if (row.state === "deleting" && !(row.deletionEndsAt === null && facts.outcome !== "succeeded")) {
        const at = context.now(tx);
        const ended = { ...replyOf(facts), deletionEndsAt: null };
        const moved = await move(
          tx,
          row,
          facts.outcome === "succeeded"
            ? { state: "deleted", encryptedKey: null, deleteAt: null, ...ended }
            : { state: "deleting", deleteAt: at, ...ended },
        );
        await tx.keys.addKeyTransition(
          keyTransition(moved, { at, from: row.state, outcome: facts.outcome, ...replyOf(facts) }),
        );
      }
      return seenKey(await tx.keys.rowsOfKey(mid, call.id));
    }),
  );
}

function refused(reason: "no-such-key" | "in-progress" | "already-deleted") {
  return { status: "refused", reason } as const;
}
