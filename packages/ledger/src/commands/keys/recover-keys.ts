import type { ReservedKeyDeletion } from "@payapi/core";
import type { SilenceLimits } from "../../domain/deadlines.js";
import { isLate, nextTryAt, provedBySilence, silentSince, type Tries } from "../../domain/deadlines.js";
import { factsOf } from "../../domain/facts.js";
import type { SilentOutcome } from "../../domain/sending.js";
import { LedgerUnavailableError } from "../../errors.js";
import type { KeyRow, KeyTransition } from "../../store/key-rows.js";
import { isLeft, orphanStateOf } from "../../store/key-rows.js";
import { inAcceptedDatabase, outcomeOfReserved } from "../accepted-database.js";
import { maskedNote } from "../check-request.js";
import { type LedgerContext, silenceOf } from "../context.js";
import { reserveDeletion } from "./delete-key.js";
import { move, settleIssue } from "./issue-key.js";
import type { SecretRotation } from "./keys.js";
import {
  type ClosedOrphanKey,
  changeKeys,
  keyTransition,
  type OperatorNote,
  seenKey,
  vaultOf,
} from "./keys.js";

/** One page of the issues whose process is silent. */
export function staleIssues(
  context: LedgerContext,
  page: Pick<SilenceLimits, "limit" | "after">,
): Promise<readonly KeyRow[]> {
  return context.store.read((tx) =>
    tx.keys.staleIssues(context.mid, { ...silenceOf(context, context.now(tx)), ...page }),
  );
}

/** Ends a silent issue and returns its outcome; `undefined` if another process ended it, or if the database must be accepted first. */
export function endStaleIssue(context: LedgerContext, stale: KeyRow): Promise<SilentOutcome | undefined> {
  const isReserved = stale.state === "reserved";
  return changeKeys(
    context,
    async (tx) => {
      const rows = await tx.keys.lockKey(context.mid, stale.keyId);
      const row = rows.find(({ id }) => id === stale.id);
      if (row?.state !== stale.state) return undefined;
      const outcome = isReserved ? outcomeOfReserved(await tx.database.compare(), row.createdAt) : "unknown";
      if (outcome === undefined) return undefined;
      const report = {
        facts: factsOf({ outcome }),
        by: "recovery",
        at: context.now(tx),
        encryptedKey: null,
      } as const;
      await settleIssue(context, tx, { row, rows }, report);
      return outcome;
    },
    { comparesDatabase: isReserved },
  );
}

/** Claims one more deletion of a stopped key; `undefined` if no deletion is due, now or any more. */
export function claimKeyDeletion(
  context: LedgerContext,
  rowId: string,
): Promise<ReservedKeyDeletion | undefined> {
  const { mid } = context;
  return inAcceptedDatabase(context, async (tx) => {
    const found = await tx.keys.findRow(mid, rowId);
    const rows = found === undefined ? [] : await tx.keys.lockKey(mid, found.keyId);
    const row = rows.find(({ id }) => id === rowId);
    if (row?.state !== "deleting") return undefined;
    const now = context.now(tx);
    const dueAt = deletionDueAt(row, await tx.keys.keyTransitions(mid, row.keyId));
    if (dueAt === null || dueAt > now || !isLeft(row, now)) {
      await move(tx, row, { state: "deleting", deleteAt: dueAt });
      return undefined;
    }
    return reserveDeletion(context, tx, row, "recovery");
  });
}

function deletionDueAt(
  { id, createdAt, deletionEndsAt }: KeyRow,
  all: readonly KeyTransition[],
): Date | null {
  const own = all.filter(({ rowId }) => rowId === id);
  const dueAt = nextTryAt(triesOf(own), own.at(-1)?.at ?? createdAt);
  return dueAt !== null && deletionEndsAt !== null && deletionEndsAt > dueAt ? deletionEndsAt : dueAt;
}

/** How often recovery tried to delete the key, by the transitions of its row. */
function triesOf(transitions: readonly KeyTransition[]): Tries {
  let all = 0;
  let unsent = 0;
  let isOurs = false;
  for (const { to, outcome, actor } of transitions) {
    if (to === "deleting" && outcome === null) {
      isOurs = actor === "recovery";
      if (isOurs) all++;
    } else if (isOurs && outcome === "not-sent") {
      unsent++;
    }
  }
  return { sent: all - unsent, all };
}

/** How many keys are due for deletion and can't be deleted by this process. */
export async function countKeysLeft({ store, mid, vault, gateway, now }: LedgerContext): Promise<number> {
  if (vault !== undefined && gateway !== undefined) return 0;
  return store.read((tx) => tx.keys.countDueDeletions(mid, now(tx)));
}

/** Closes an unknown issue or an unconfirmed deletion on an operator's evidence. */
export async function closeOrphanKey(
  context: LedgerContext,
  callId: string,
  note: OperatorNote,
): Promise<ClosedOrphanKey> {
  const { mid } = context;
  const { actor, evidence } = maskedNote(note);
  await endSilentIssue(context, callId);
  return changeKeys(context, async (tx): Promise<ClosedOrphanKey> => {
    const found = await tx.keys.findRow(mid, callId);
    const rows = found === undefined ? [] : await tx.keys.lockKey(mid, found.keyId);
    const row = rows.find(({ id }) => id === callId);
    const at = context.now(tx);
    const state = row && orphanStateOf(row, at);
    if (row === undefined || state === undefined) return { status: "refused", reason: "no-such-orphan" };
    if (state === "unknown") {
      // Before that, the gateway may still issue the key after the operator looked.
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
        : { state: "deleted", encryptedKey: null, deletionEndsAt: null, deleteAt: null },
    );
    await tx.keys.addKeyTransition(keyTransition(moved, { at, from: row.state, actor, evidence }));
    return { status: "closed", key: seenKey(await tx.keys.rowsOfKey(mid, row.keyId)) };
  });
}

/** Ends a silent issue as the next `recover()` would, since an operator may be faster or no worker may run. */
async function endSilentIssue(context: LedgerContext, callId: string): Promise<void> {
  const silent = await context.store.read(async (tx) => {
    const row = await tx.keys.findRow(context.mid, callId);
    const { deadlineBefore } = silenceOf(context, context.now(tx));
    return row !== undefined && isLate(row, deadlineBefore) ? row : undefined;
  });
  if (silent !== undefined) await endStaleIssue(context, silent);
}

const batchSize = 100;

/** Re-encrypts every key that is not encrypted with the current secret. An interrupted run can be repeated. */
export async function rotateSecrets(context: LedgerContext): Promise<SecretRotation> {
  const { prefix } = vaultOf(context);
  let rotated = 0;
  let after: string | undefined;
  const errors: unknown[] = [];
  for (;;) {
    const page = { after, limit: batchSize };
    const rows = await context.store.read((tx) => tx.keys.encryptedOtherwise(context.mid, prefix, page));
    for (const row of rows) {
      try {
        if (await rotateRow(context, row)) rotated++;
      } catch (error) {
        if (error instanceof LedgerUnavailableError) throw error;
        errors.push(error);
      }
    }
    after = rows.at(-1)?.id;
    if (rows.length < batchSize) break;
  }
  // One unreadable key must not stop the rotation of the others.
  if (errors.length > 0) throw errors[0];
  return { rotated };
}

/** `false` if another process deleted or rotated the key meanwhile. */
async function rotateRow(context: LedgerContext, { id, mid, encryptedKey }: KeyRow): Promise<boolean> {
  if (encryptedKey === null) return false;
  const vault = vaultOf(context);
  const place = { mid, rowId: id };
  const reencrypted = vault.encrypt(vault.decrypt(encryptedKey, place), place);
  return changeKeys(context, (tx) => tx.keys.reencrypt(id, encryptedKey, reencrypted));
}
