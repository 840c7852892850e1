import type { KeyRequest, KeyReservation, ReservedKey } from "@payapi/core";
import { notYours } from "../../domain/sending.js";
import { LedgerError } from "../../errors.js";
import type { KeyRow } from "../../store/key-rows.js";
import { inAcceptedDatabase } from "../accepted-database.js";
import { checkText } from "../check-request.js";
import { type LedgerContext, newId } from "../context.js";
import { deadlineFrom, inTimeToSend } from "../mark-sending.js";
import { keyTransition, vaultOf } from "./key-view.js";

/**
 * Reserves an issue: under a new id, or in place of the active key of an id.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveKey(context: LedgerContext, request: KeyRequest): Promise<KeyReservation> {
  // Before anything is sent: a key that could not be kept must not be issued.
  vaultOf(context);
  const { owner, replaces } = request;
  const { mid } = context;
  checkText("owner", owner, 200);
  return inAcceptedDatabase(context, async (tx): Promise<KeyReservation> => {
    const rows = replaces === undefined ? [] : await tx.keys.lockKey(mid, replaces);
    const active = rows.find((row) => row.state === "active" && row.owner === owner);
    if (replaces !== undefined && active === undefined) return { status: "refused", reason: "no-such-key" };
    if (rows.some(isRunning)) return { status: "refused", reason: "in-progress" };
    const createdAt = context.now(tx);
    const row = await tx.keys.insertKey({
      id: newId(),
      mid,
      keyId: active?.keyId ?? newId(),
      owner,
      kind: "card",
      replaces: active?.id ?? null,
      createdAt,
    });
    await tx.keys.addKeyTransition(keyTransition(row, { at: createdAt, from: null }));
    return { status: "reserved", call: { id: row.keyId, callId: row.id, owner } };
  });
}

/** Makes durable that the first byte of an issue may leave; as for payments, anything but a prompt commit throws. */
export function markKeySending(context: LedgerContext, call: ReservedKey): Promise<void> {
  vaultOf(context);
  return inTimeToSend(context, (checkClock) =>
    inAcceptedDatabase(context, async (tx) => {
      const rows = await tx.keys.lockKey(context.mid, call.id);
      if (!rows.some(({ id }) => id === call.callId)) {
        throw new LedgerError("may-not-send", "The call is not in the record");
      }
      const at = context.now(tx);
      checkClock(at);
      const row = await tx.keys.moveKey(call.callId, ["reserved"], {
        state: "sending",
        sendingAt: at,
        deadlineAt: deadlineFrom(context, at),
      });
      if (row === undefined) throw notYours();
      await tx.keys.addKeyTransition(keyTransition(row, { at, from: "reserved" }));
    }),
  );
}

export function isRunning({ state }: KeyRow): boolean {
  return state === "reserved" || state === "sending";
}
