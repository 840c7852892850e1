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
 * Reserves an issue: under a new id, or in place of the active key of an id.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveKey(context: LedgerContext, request: KeyRequest): Promise<KeyReservation> {
  // Before anything is sent: a key that could not be kept must not be issued.
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

/** Keeps a key that was issued elsewhere. The customer is locked, so that one key told twice is kept once. */
export function importBillingKey(context: LedgerContext, key: ImportedBillingKey): Promise<BillingKey> {
  const vault = vaultOf(context);
  const { customerId, kind } = key;
  const { mid } = context;
  checkText("customerId", customerId, 200);
  const billkey = isSecret(key.billkey) ? key.billkey : new Secret(String(key.billkey));
  if ((kind !== "card" && kind !== "mobile") || !isUsable(billkey)) {
    throw new LedgerError("invalid-argument", "kind must be card or mobile, and billkey the gateway's key");
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

/** What came of an issue, and who says so. */
export interface KeyReport {
  readonly facts: SettledFacts;
  readonly by: SettledBy;
  readonly at: Date;
  /** What the key is encrypted as, if there is one. */
  readonly encryptedKey: string | null;
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
  const encryptedKey = inHand === undefined ? null : vault.encrypt(inHand, { mid, rowId: call.callId });
  return keepTrying(context, () =>
    retryConflicts(() =>
      changeKeys(context, async (tx) => {
        const rows = await tx.keys.lockKey(mid, call.id);
        const row = rows.find(({ id }) => id === call.callId);
        if (row === undefined)
          throw new LedgerError("no-such-call", "The issue to settle is not in the record");
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

/** Moves an issue to what the report proves. A report that adds nothing changes nothing. */
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
    ...(to === "active" ? { encryptedKey, issuedAt: at } : {}),
    ...(to === "deleting" ? { encryptedKey, ...stop } : {}),
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
  const { facts, by, encryptedKey } = report;
  switch (row.state) {
    case "reserved":
    case "sending":
      if (encryptedKey !== null) return "active";
      return facts.outcome === "refused" || facts.outcome === "not-sent" ? "failed" : "unknown";
    case "unknown": {
      // A key under this id was charged or stopped meanwhile: the late one does not push it aside, nor bring it back.
      const wasUsed = rows.some((other) => other.id !== row.id && other.issuedAt !== null);
      if (encryptedKey !== null) return wasUsed ? "deleting" : "active";
      const overruled = row.settledBy === "recovery" && by === "call";
      return overruled && (facts.outcome === "refused" || facts.outcome === "not-sent")
        ? "failed"
        : undefined;
    }
    case "failed":
      // There is no key, everybody was told; and yet there is one at the gateway.
      return encryptedKey === null ? undefined : "deleting";
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
export function deletionOf(vault: KeyVault, { keyId, id, mid, encryptedKey }: KeyRow): ReservedKeyDeletion {
  if (encryptedKey === null) throw new LedgerError("broken-rule", "A key that is to be deleted is not there");
  return { id: keyId, callId: id, billkey: vault.decrypt(encryptedKey, { mid, rowId: id }) };
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
