import { keptWord } from "../check-request.js";
import type { LedgerContext } from "../context.js";
import { LedgerError } from "../errors.js";
import { isLeft } from "./delete-key.js";
import { keyTransition, vaultOf } from "./key-view.js";
import { move } from "./settle-key.js";

/** Ends an unknown issue or an unconfirmed deletion with what an operator found out. */
export function closeOrphanKey(
  context: LedgerContext,
  callId: string,
  word: { readonly actor: string; readonly evidence: string },
): Promise<void> {
  vaultOf(context);
  const { actor, evidence } = keptWord(word);
  return context.store.transaction(async (tx) => {
    const found = await tx.keys.findRow(context.mid, callId);
    const rows = found === undefined ? [] : await tx.keys.lockKey(context.mid, found.keyId);
    const row = rows.find(({ id }) => id === callId);
    const at = context.now(tx);
    if (row === undefined || !(row.state === "unknown" || isLeft(row, at))) {
      throw new LedgerError("no-such-call", "No orphaned billing key goes by this call");
    }
    const moved = await move(
      tx,
      row,
      row.state === "unknown"
        ? { state: "failed", settledBy: "operator", settledAt: at }
        : { state: "deleted", sealed: null, deletionEndsAt: null, deleteAt: null },
    );
    await tx.keys.addKeyTransition(keyTransition(moved, { at, from: row.state, actor, evidence }));
  });
}
