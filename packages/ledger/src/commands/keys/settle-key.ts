import type { KeyOutcome, ReservedKey, ReservedKeyDeletion, Secret, SettledKey } from "@payapi/core";
import { factsOf, type SettledFacts } from "../../domain/reply-facts.js";
import type { SettledBy } from "../../domain/rows.js";
import { LedgerError } from "../../errors.js";
import type { KeyChange, KeyRow } from "../../store/key-rows.js";
import type { KeyVault } from "../../store/key-vault.js";
import type { LedgerTransaction } from "../../store/port.js";
import type { LedgerContext } from "../context.js";
import { keepTrying, retryConflicts } from "../settle.js";
import { changeKeys } from "./change-keys.js";
import { keyTransition, seenKey, vaultOf } from "./key-view.js";

/** What came of an issue, and who says so. */
export interface KeyReport {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** What the key is sealed as, if there is one. */
  readonly sealed: string | null;
}

/** Makes durable what came of an issue. Safe to repeat, and repeated here while the database is away. */
export function settleKey(
  context: LedgerContext,
  call: ReservedKey,
  outcome: KeyOutcome,
): Promise<SettledKey> {
  const vault = vaultOf(context);
  const { mid } = context;
  const { billkey, ...reply } = outcome;
  const facts = factsOf(reply);
  const inHand = facts.outcome === "succeeded" && isUsable(billkey) ? billkey : undefined;
  const sealed = inHand === undefined ? null : vault.seal(inHand, { mid, rowId: call.callId });
  return keepTrying(context, () =>
    retryConflicts(() =>
      changeKeys(context, async (tx) => {
        const rows = await tx.keys.lockKey(mid, call.id);
        const row = rows.find(({ id }) => id === call.callId);
        if (row === undefined)
          throw new LedgerError("no-such-call", "The issue to settle is not in the record");
        await settleIssue(context, tx, { row, rows }, { facts, by: "call", at: context.now(tx), sealed });
        const after = await tx.keys.rowsOfKey(mid, call.id);
        const retired = sealed === null ? undefined : retiredBy(vault, after, call.callId);
        return { key: seenKey(after), ...(retired ? { retired } : {}) };
      }),
    ),
  );
}

/** Moves an issue to what the report proves. A report that adds nothing changes nothing. */
export async function settleIssue(
  context: LedgerContext,
  tx: LedgerTransaction,
  { row, rows }: { readonly row: KeyRow; readonly rows: readonly KeyRow[] },
  report: KeyReport,
): Promise<void> {
  const to = nextState(row, rows, report);
  if (to === undefined) return;
  const { at, facts, by, sealed } = report;
  const deletionEndsAt = endOfDeletion(context, at);
  const stop = { deletionEndsAt, deleteAt: deletionEndsAt };
  if (to === "active") {
    // First, since two of one id are never active at once.
    const old = rows.find(({ state }) => state === "active");
    if (old !== undefined) {
      const stopped = await move(tx, old, { state: "deleting", ...stop });
      await tx.keys.addKeyTransition(keyTransition(stopped, { at, from: old.state, actor: "replacement" }));
    }
  }
  const moved = await move(tx, row, {
    state: to,
    ...wordsOf(facts),
    settledBy: by,
    settledAt: at,
    ...(to === "active" ? { sealed, issuedAt: at } : {}),
    ...(to === "deleting" ? { sealed, ...stop } : {}),
  });
  await tx.keys.addKeyTransition(
    keyTransition(moved, {
      at,
      from: row.state,
      outcome: facts.outcome,
      ...wordsOf(facts),
      actor: by === "recovery" ? by : null,
    }),
  );
}

function nextState(row: KeyRow, rows: readonly KeyRow[], report: KeyReport): KeyRow["state"] | undefined {
  const { facts, by, sealed } = report;
  switch (row.state) {
    case "reserved":
    case "sending":
      if (sealed !== null) return "active";
      return facts.outcome === "refused" || facts.outcome === "not-sent" ? "failed" : "unknown";
    case "unknown": {
      // A key under this id was charged or stopped meanwhile: the late one does not push it aside, nor bring it back.
      const wasUsed = rows.some((other) => other.id !== row.id && other.issuedAt !== null);
      if (sealed !== null) return wasUsed ? "deleting" : "active";
      const overruled = row.settledBy === "recovery" && by === "call";
      return overruled && (facts.outcome === "refused" || facts.outcome === "not-sent")
        ? "failed"
        : undefined;
    }
    case "failed":
      // There is no key, everybody was told; and yet there is one at the gateway.
      return sealed === null ? undefined : "deleting";
    default:
      return undefined;
  }
}

/** What is to be deleted at the gateway because of this issue: the key it replaced, or the one that came too late. */
function retiredBy(
  vault: KeyVault,
  rows: readonly KeyRow[],
  callId: string,
): ReservedKeyDeletion | undefined {
  const issued = rows.find(({ id }) => id === callId);
  const retired = issued?.issuedAt === null ? issued : rows.find(({ id }) => id === issued?.replaces);
  return retired?.state === "deleting" ? deletionOf(vault, retired) : undefined;
}

/** The right to delete the key of a row at the gateway. */
export function deletionOf(vault: KeyVault, { keyId, id, mid, sealed }: KeyRow): ReservedKeyDeletion {
  if (sealed === null) throw new LedgerError("broken-rule", "A key that is to be deleted is not there");
  return { id: keyId, callId: id, billkey: vault.open(sealed, { mid, rowId: id }) };
}

/** Until when whoever was given a key to delete may be about to. */
export function endOfDeletion({ times }: LedgerContext, at: Date): Date {
  return new Date(at.getTime() + times.callTimeoutMs + times.sendingGraceMs);
}

export function wordsOf({ failureCode, resultCode, resultMessage }: SettledFacts) {
  return { failureCode, resultCode, resultMessage };
}

export async function move(tx: LedgerTransaction, row: KeyRow, change: KeyChange): Promise<KeyRow> {
  const moved = await tx.keys.moveKey(row.id, [row.state], change);
  if (moved === undefined) throw new LedgerError("broken-rule", "A locked billing key changed its state");
  return moved;
}

export function isUsable(billkey: Secret | undefined): billkey is Secret {
  return billkey !== undefined && /^[\x21-\x7e]{1,200}$/.test(billkey.reveal());
}
