import { before, type LedgerContext } from "../context.js";
import { factsOf } from "../reply-facts.js";
import type { KeyRow } from "./key-rows.js";
import { settleIssue } from "./settle-key.js";

/** Up to `limit` issues whose process fell silent. */
export function staleIssues(context: LedgerContext, limit: number): Promise<readonly KeyRow[]> {
  return context.store.read((tx) => {
    const now = context.now(tx);
    return tx.keys.staleIssues(context.mid, {
      reservedBefore: before(now, context.times.reservedTimeoutMs),
      deadlineBefore: before(now, context.times.sendingGraceMs),
      limit,
    });
  });
}

/** Ends one of them, as `recover()` does with payments; `false` when somebody else was faster. */
export function endStaleIssue(context: LedgerContext, stale: KeyRow): Promise<boolean> {
  return context.store.transaction(async (tx) => {
    const rows = await tx.keys.lockKey(context.mid, stale.keyId);
    const row = rows.find(({ id }) => id === stale.id);
    if (row?.state !== stale.state) return false;
    const facts = factsOf({ outcome: row.state === "reserved" ? "not-sent" : "unknown" });
    const at = context.now(tx);
    await settleIssue(context, tx, { row, rows }, { facts, by: "recovery", at, sealed: null });
    return true;
  });
}
