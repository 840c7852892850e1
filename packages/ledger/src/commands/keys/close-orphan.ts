import { isLate, provedBySilence, silentSince } from "../../domain/late-calls.js";
import { keptWord } from "../check-request.js";
import { type LedgerContext, silenceOf } from "../context.js";
import { changeKeys } from "./change-keys.js";
import type { ClosedOrphanKey, OrphanKeyWord } from "./key-types.js";
import { keyTransition, seenKey } from "./key-view.js";
import { orphanStateOf } from "./orphan-state.js";
import { endStaleIssue } from "./recover-keys.js";
import { move } from "./settle-key.js";

/** Ends an unknown issue or an unconfirmed deletion with what an operator found out. */
export async function closeOrphanKey(
  context: LedgerContext,
  callId: string,
  word: OrphanKeyWord,
): Promise<ClosedOrphanKey> {
  const { mid } = context;
  const { actor, evidence } = keptWord(word);
  await endSilentIssue(context, callId);
  return changeKeys(context, async (tx): Promise<ClosedOrphanKey> => {
    const found = await tx.keys.findRow(mid, callId);
    const rows = found === undefined ? [] : await tx.keys.lockKey(mid, found.keyId);
    const row = rows.find(({ id }) => id === callId);
    const at = context.now(tx);
    const state = row && orphanStateOf(row, at);
    if (row === undefined || state === undefined) return { status: "refused", reason: "no-such-orphan" };
    if (state === "unknown") {
      // Whoever looks before that finds no key, and overlooks the one that the gateway makes a moment later.
      const notBefore = provedBySilence(silentSince(row));
      if (at < notBefore || row.state === "sending") {
        return { status: "refused", reason: "too-early", notBefore };
      }
    }
    const moved = await move(
      tx,
      row,
      state === "unknown"
        ? { state: "failed", settledBy: "operator", settledAt: at }
        : { state: "deleted", sealed: null, deletionEndsAt: null, deleteAt: null },
    );
    await tx.keys.addKeyTransition(keyTransition(moved, { at, from: row.state, actor, evidence }));
    return { status: "closed", key: seenKey(await tx.keys.rowsOfKey(mid, row.keyId)) };
  });
}

/** As `recover()` would by now: an operator may be faster than its next run, or nobody runs any. */
async function endSilentIssue(context: LedgerContext, callId: string): Promise<void> {
  const silent = await context.store.read(async (tx) => {
    const row = await tx.keys.findRow(context.mid, callId);
    const { deadlineBefore } = silenceOf(context, context.now(tx));
    return row !== undefined && isLate(row, deadlineBefore) ? row : undefined;
  });
  if (silent !== undefined) await endStaleIssue(context, silent);
}
