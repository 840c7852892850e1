import { createHash, timingSafeEqual } from "node:crypto";
import {
  type BillingKey,
  isSecret,
  type KeyOutcome,
  type KeyRequest,
  type KeyReservation,
  type ReservedKey,
  type ReservedKeyDeletion,
  Secret,
  type SettledKey,
} from "@payapi/core";
import { factsOf, type SettledFacts } from "../../domain/facts.js";
import type { SettledBy } from "../../domain/rows.js";
import { notYours } from "../../domain/sending.js";
import { LedgerError } from "../../errors.js";
import type { KeyChange, KeyRow, KeyVault } from "../../store/key-rows.js";
import type { LedgerTransaction } from "../../store/port.js";
import { inAcceptedDatabase } from "../accepted-database.js";
import { checkText } from "../check-request.js";
import { type LedgerContext, newId } from "../context.js";
import { deadlineFrom, inTimeToSend } from "../reserve.js";
import { keepTrying, retryConflicts } from "../settle.js";
import { changeKeys, type ImportedBillingKey, keyTransition, seenKey, vaultOf } from "./keys.js";

/**
 * Reserves the issue of a billing key, under a new id or to replace an id's active key.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveKey(context: LedgerContext, request: KeyRequest): Promise<KeyReservation> {
  // Checked before anything is sent: a key that can't be stored must not be issued.
  vaultOf(context);
  const { customerId, replaces } = request;
  const { mid } = context;
  checkText("customerId", customerId, 200);
  return inAcceptedDatabase(context, async (tx): Promise<KeyReservation> => {
    const rows = replaces === undefined ? [] : await tx.keys.lockKey(mid, replaces);
    const active = rows.find((row) => row.state === "active" && row.customerId === customerId);
    if (replaces !== undefined && active === undefined) return { status: "refused", reason: "no-such-key" };
    if (rows.some(isRunning)) return { status: "refused", reason: "in-progress" };
    const createdAt = context.now(tx);
    const row = await tx.keys.insertKey({
      id: newId(),
      mid,
      keyId: active?.keyId ?? newId(),
      customerId,
      kind: "card",
      replaces: active?.id ?? null,
      createdAt,
    });
    await tx.keys.addKeyTransition(keyTransition(row, { at: createdAt, from: null }));
    return { status: "reserved", call: { id: row.keyId, callId: row.id, customerId } };
  });
}

/** Marks an issue as sending. As for payments, it throws unless the commit is certain and quick. */
export function markKeySending(context: LedgerContext, call: ReservedKey): Promise<void> {
  vaultOf(context);
  return inTimeToSend(context, (checkClock) =>
    inAcceptedDatabase(context, async (tx) => {
      const rows = await tx.keys.lockKey(context.mid, call.id);
      if (!rows.some(({ id }) => id === call.callId)) {
        throw new LedgerError(
          "may-not-send",
          "The ledger has no such key issue: pass the call that reserveKey returned",
        );
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

/** Stores a key that was issued elsewhere. Locks the customer, so that importing a key twice stores it once. */
export function importBillingKey(context: LedgerContext, key: ImportedBillingKey): Promise<BillingKey> {
  const vault = vaultOf(context);
  const { customerId, kind } = key;
  const { mid } = context;
  checkText("customerId", customerId, 200);
  const billkey = isSecret(key.billkey) ? key.billkey : new Secret(String(key.billkey));
  if ((kind !== "card" && kind !== "mobile") || !isUsable(billkey)) {
    throw new LedgerError(
      "invalid-argument",
      'kind must be "card" or "mobile", and billkey the gateway\'s key: 1 to 200 printable ASCII characters without spaces',
    );
  }
  return changeKeys(context, async (tx) => {
    const rows = await tx.keys.lockCustomer(mid, customerId);
    const known = rows.find((row) => row.state === "active" && isSame(stored(row), billkey));
    if (known !== undefined) return seenKey([known]);
    const id = newId();
    const at = context.now(tx);
    const row = await tx.keys.insertKey({
      id,
      mid,
      keyId: newId(),
      customerId,
      kind,
      replaces: null,
      createdAt: at,
      state: "active",
      encryptedKey: vault.encrypt(billkey, { mid, rowId: id }),
      issuedAt: at,
      settledAt: at,
      settledBy: "call",
    });
    await tx.keys.addKeyTransition(keyTransition(row, { at, from: null, actor: "import" }));
    return seenKey([row]);
  });

  function stored({ encryptedKey, id }: KeyRow): Secret | undefined {
    return encryptedKey === null ? undefined : vault.decrypt(encryptedKey, { mid, rowId: id });
  }
}

function isSame(one: Secret | undefined, another: Secret): boolean {
  return one !== undefined && timingSafeEqual(digestOf(one), digestOf(another));
}

function digestOf(secret: Secret): Buffer {
  return createHash("sha256").update(secret.reveal()).digest();
}

/** The outcome of an issue, and where it was learnt. */
export interface KeyReport {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** The encrypted key, if one was issued. */
  readonly encryptedKey: string | null;
}

/** Makes the outcome of an issue durable. Safe to repeat; retries while the database is unreachable. */
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
  const encryptedKey = inHand === undefined ? null : vault.encrypt(inHand, { mid, rowId: call.callId });
  return keepTrying(context, () =>
    retryConflicts(() =>
      changeKeys(context, async (tx) => {
        const rows = await tx.keys.lockKey(mid, call.id);
        const row = rows.find(({ id }) => id === call.callId);
        if (row === undefined)
          throw new LedgerError(
            "no-such-call",
            "The ledger has no such key issue: pass the call that reserveKey returned",
          );
        await settleIssue(
          context,
          tx,
          { row, rows },
          { facts, by: "call", at: context.now(tx), encryptedKey },
        );
        const after = await tx.keys.rowsOfKey(mid, call.id);
        const retired = encryptedKey === null ? undefined : retiredBy(vault, after, call.callId);
        return { key: seenKey(after), ...(retired ? { retired } : {}) };
      }),
    ),
  );
}

/** Moves an issue to the state that a report proves. A report without news changes nothing. */
export async function settleIssue(
  context: LedgerContext,
  tx: LedgerTransaction,
  { row, rows }: { readonly row: KeyRow; readonly rows: readonly KeyRow[] },
  report: KeyReport,
): Promise<void> {
  const to = nextState(row, rows, report);
  if (to === undefined) return;
  const { at, facts, by, encryptedKey } = report;
  const deletionEndsAt = endOfDeletion(context, at);
  const stop = { deletionEndsAt, deleteAt: deletionEndsAt };
  if (to === "active") {
    // The old key first, since an id has at most one active key.
    const old = rows.find(({ state }) => state === "active");
    if (old !== undefined) {
      const stopped = await move(tx, old, { state: "deleting", ...stop });
      await tx.keys.addKeyTransition(keyTransition(stopped, { at, from: old.state, actor: "replacement" }));
    }
  }
  const moved = await move(tx, row, {
    state: to,
    ...replyOf(facts),
    settledBy: by,
    settledAt: at,
    ...(to === "active" ? { encryptedKey, issuedAt: at } : {}),
    ...(to === "deleting" ? { encryptedKey, ...stop } : {}),
  });
  await tx.keys.addKeyTransition(
    keyTransition(moved, {
      at,
      from: row.state,
      outcome: facts.outcome,
      ...replyOf(facts),
      actor: by === "recovery" ? by : null,
    }),
  );
}

function nextState(row: KeyRow, rows: readonly KeyRow[], report: KeyReport): KeyRow["state"] | undefined {
  const { facts, by, encryptedKey } = report;
  switch (row.state) {
    case "reserved":
    case "sending":
      if (encryptedKey !== null) return "active";
      return facts.outcome === "refused" || facts.outcome === "not-sent" ? "failed" : "unknown";
    case "unknown": {
      // This id got another key meanwhile, which may have been charged or stopped. The late key must not replace it.
      const wasUsed = rows.some((other) => other.id !== row.id && other.issuedAt !== null);
      if (encryptedKey !== null) return wasUsed ? "deleting" : "active";
      const overruled = row.settledBy === "recovery" && by === "call";
      return overruled && (facts.outcome === "refused" || facts.outcome === "not-sent")
        ? "failed"
        : undefined;
    }
    case "failed":
      // The issue was reported as failed, and yet the gateway issued a key: delete it.
      return encryptedKey === null ? undefined : "deleting";
    default:
      return undefined;
  }
}

/** The key to delete at the gateway after this issue: the one it replaced, or its own key if that came too late. */
function retiredBy(
  vault: KeyVault,
  rows: readonly KeyRow[],
  callId: string,
): ReservedKeyDeletion | undefined {
  const issued = rows.find(({ id }) => id === callId);
  const retired = issued?.issuedAt === null ? issued : rows.find(({ id }) => id === issued?.replaces);
  return retired?.state === "deleting" ? deletionOf(vault, retired) : undefined;
}

/** The reserved deletion of a row's key. */
export function deletionOf(vault: KeyVault, { keyId, id, mid, encryptedKey }: KeyRow): ReservedKeyDeletion {
  if (encryptedKey === null)
    throw new LedgerError("broken-rule", "A billing key in state deleting has no stored key");
  return { id: keyId, callId: id, billkey: vault.decrypt(encryptedKey, { mid, rowId: id }) };
}

/** When a deletion that is reserved at `at` ends at the latest. */
export function endOfDeletion({ times }: LedgerContext, at: Date): Date {
  return new Date(at.getTime() + times.callTimeoutMs + times.sendingGraceMs);
}

export function replyOf({ failureCode, resultCode, resultMessage }: SettledFacts) {
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
