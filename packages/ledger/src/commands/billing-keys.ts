import { createHash, timingSafeEqual } from "node:crypto";
import {
  type BillingKey,
  isSecret,
  type KeyDeletionReservation,
  type KeyOutcome,
  type KeyRequest,
  type KeyReservation,
  type ReservedKey,
  type ReservedKeyDeletion,
  Secret,
  type SettledKey,
} from "@payapi/core";
import type { ClosedOrphanKey, KeyRow, When } from "../domain/billing-key.js";
import { decideKey, type KeyAnswers, type KeyFact } from "../domain/decide-key.js";
import { factsOf } from "../domain/facts.js";
import type { SilentOutcome } from "../domain/sending.js";
import { LedgerError, LedgerUnavailableError } from "../errors.js";
import type { KeyQuestion, LoadedKey, StaleCall } from "../store/port.js";
import { checkAccepted, untilSaved, withIds } from "./change-order.js";
import { checkText, maskedNote } from "./check-request.js";
import { type LedgerContext, newId, silenceOf } from "./context.js";
import {
  deletable,
  type ImportedBillingKey,
  type OperatorNote,
  placeOf,
  revealed,
  type SecretRotation,
  vaultOf,
} from "./key-methods.js";
import { deadlineFrom, inTimeToSend } from "./reserve.js";
import { keepTrying } from "./settle.js";

type Kind = KeyFact["kind"];
type FactOf<K extends Kind> = Extract<KeyFact, { readonly kind: K }>;

/**
 * Loads a billing key, decides what a fact changes, and saves the changes; starts over if another process changed the key meanwhile. All changes
 * to billing keys go through this function.
 *
 * @param factOf returns the fact, given the time of the ledger's clock
 * @param options `check` gets the answer before anything is written; if it throws, nothing is
 * @throws LedgerError `database-changed` with `onlyIfAccepted`; nothing was written
 */
function changeKey<K extends Kind>(
  context: LedgerContext,
  question: KeyQuestion,
  factOf: (at: Date, loaded: LoadedKey) => FactOf<K>,
  options: { readonly onlyIfAccepted?: boolean; readonly check?: (answer: KeyAnswers[K]) => unknown } = {},
): Promise<KeyAnswers[K]> {
  const { onlyIfAccepted = false, check } = options;
  const { mid, store } = context;
  return untilSaved("billing key", store, async () => {
    const loaded = await store.loadKey(mid, question, { comparesDatabase: onlyIfAccepted });
    checkAccepted(loaded.database);
    const { changes, answer } = decideKey<K>(loaded.rows, factOf(context.now(loaded), loaded));
    check?.(answer);
    const { events, ...written } = changes;
    const [row] = changes.rows;
    if (row === undefined) return { answer };
    const key = { keyId: row.keyId, version: loaded.version, ...written };
    return { answer, save: { mid, key, onlyIfAccepted, events: withIds(mid, events) } };
  });
}

/** The time of a fact, and when a deletion that it reserves ends at the latest. */
function when({ times }: LedgerContext, at: Date): When {
  return { at, deletionEndsAt: new Date(at.getTime() + times.callTimeoutMs + times.sendingGraceMs) };
}

/**
 * Reserves the issue of a billing key, under a new id or to replace an id's active key.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveKey(context: LedgerContext, request: KeyRequest): Promise<KeyReservation> {
  // Checked before anything is sent: a key that can't be stored must not be issued.
  vaultOf(context);
  const { customerId, replaces } = request;
  checkText("customerId", customerId, 200);
  const keyId = replaces ?? newId();
  const issue = { id: newId(), mid: context.mid, keyId, customerId };
  return changeKey(
    context,
    { keyId },
    (at) => ({ kind: "reserve-issue", issue, isReplacement: replaces !== undefined, at }),
    { onlyIfAccepted: true },
  );
}

/** Marks an issue as sending. As for payments, it throws unless the commit is certain and quick. */
export function markKeySending(context: LedgerContext, call: ReservedKey): Promise<void> {
  vaultOf(context);
  return inTimeToSend(context, (checkClock) =>
    changeKey(
      context,
      { keyId: call.id },
      (at) => {
        checkClock(at);
        return { kind: "mark-sending", rowId: call.callId, at, deadlineAt: deadlineFrom(context, at) };
      },
      { onlyIfAccepted: true },
    ),
  );
}

/** Makes the outcome of an issue durable. Safe to repeat; retries while the database is unreachable. */
export async function settleKey(
  context: LedgerContext,
  call: ReservedKey,
  outcome: KeyOutcome,
): Promise<SettledKey> {
  const vault = vaultOf(context);
  const { id: keyId, callId: rowId } = call;
  const { billkey, ...reply } = outcome;
  const facts = factsOf(reply);
  const inHand = facts.outcome === "succeeded" && isUsable(billkey) ? billkey : undefined;
  const encryptedKey = inHand === undefined ? null : vault.encrypt(inHand, { mid: context.mid, rowId });
  const { key, retired } = await keepTrying(context, () =>
    changeKey(context, { keyId }, (at) => ({
      kind: "issue-outcome",
      rowId,
      facts,
      encryptedKey,
      ...when(context, at),
    })),
  );
  return { key, ...(retired && deletable(vault, retired)) };
}

/**
 * Reserves the deletion of an id's active key, which stops the key for good. A stopped key may be deleted again, by one caller at a time.
 *
 * @throws LedgerError `database-changed` while the database is not accepted, `unreadable-key` without the key's secret; nothing was
 * written
 */
export async function reserveKeyDeletion(
  context: LedgerContext,
  id: string,
): Promise<KeyDeletionReservation> {
  return reserveDeletion(context, { keyId: id });
}

/** As {@link reserveKeyDeletion} for one row, which may be a key that was replaced. */
export async function reserveKeyDeletionRetry(
  context: LedgerContext,
  callId: string,
): Promise<KeyDeletionReservation> {
  return reserveDeletion(context, { rowId: callId });
}

async function reserveDeletion(
  context: LedgerContext,
  which: { readonly keyId: string } | { readonly rowId: string },
): Promise<KeyDeletionReservation> {
  const vault = vaultOf(context);
  const only = "rowId" in which ? which : {};
  const answer = await changeKey(
    context,
    which,
    (at) => ({ kind: "reserve-deletion", ...only, ...when(context, at) }),
    // A key that can't be read can't be deleted: reserving it would only lock it.
    { onlyIfAccepted: true, check: (found) => found.status === "reserved" && revealed(vault, found.row) },
  );
  return answer.status === "refused" ? answer : { status: "reserved", call: revealed(vault, answer.row) };
}

/** Claims one more deletion of a stopped key; `undefined` if no deletion is due, now or any more. */
export async function claimKeyDeletion(
  context: LedgerContext,
  rowId: string,
): Promise<ReservedKeyDeletion | undefined> {
  const vault = vaultOf(context);
  const row = await changeKey(
    context,
    { rowId },
    (at) => ({ kind: "claim-deletion", rowId, ...when(context, at) }),
    // Otherwise a process with the wrong secret uses up the tries.
    { onlyIfAccepted: true, check: (found) => found && revealed(vault, found) },
  );
  return row && revealed(vault, row);
}

/** Settles a deletion. Only the gateway's success makes the key `deleted`. */
export function settleKeyDeletion(
  context: LedgerContext,
  { id: keyId, callId: rowId }: ReservedKeyDeletion,
  outcome: KeyOutcome,
  by: "call" | "recovery" = "call",
): Promise<BillingKey> {
  vaultOf(context);
  const { billkey: _, ...reply } = outcome;
  const facts = factsOf(reply);
  return keepTrying(context, () =>
    changeKey(context, { keyId }, (at) => ({ kind: "deletion-outcome", rowId, facts, by, at })),
  );
}

/** Ends a silent issue and returns its outcome; `undefined` if another process ended it. */
export function endSilentIssue(
  context: LedgerContext,
  { id: rowId, state }: Pick<StaleCall, "id" | "state">,
  outcome: SilentOutcome,
): Promise<SilentOutcome | undefined> {
  return changeKey(
    context,
    { rowId },
    (at) => ({ kind: "silence", rowId, state, outcome, ...when(context, at) }),
    { onlyIfAccepted: state === "reserved" },
  );
}

/** Closes an unknown issue or an unconfirmed deletion on an operator's evidence. */
export async function closeOrphanKey(
  context: LedgerContext,
  callId: string,
  note: OperatorNote,
): Promise<ClosedOrphanKey> {
  const word = maskedNote(note);
  return changeKey(context, { rowId: callId }, (at) => ({
    kind: "close-orphan",
    rowId: callId,
    deadlineBefore: silenceOf(context, at).deadlineBefore,
    ...word,
    ...when(context, at),
  }));
}

/** Stores a key that was issued elsewhere, once for each customer. */
export function importBillingKey(context: LedgerContext, given: ImportedBillingKey): Promise<BillingKey> {
  const vault = vaultOf(context);
  const { customerId, kind } = given;
  const { mid } = context;
  checkText("customerId", customerId, 200);
  const billkey = isSecret(given.billkey) ? given.billkey : new Secret(String(given.billkey));
  if ((kind !== "card" && kind !== "mobile") || !isUsable(billkey)) {
    throw new LedgerError(
      "invalid-argument",
      'kind must be "card" or "mobile", and billkey the gateway\'s key: 1 to 200 printable ASCII characters without spaces',
    );
  }
  const id = newId();
  const encryptedKey = vault.encrypt(billkey, { mid, rowId: id });
  const key = { id, mid, keyId: newId(), customerId, kind, encryptedKey };
  const isSame = (row: KeyRow) =>
    row.encryptedKey !== null &&
    timingSafeEqual(digestOf(vault.decrypt(row.encryptedKey, placeOf(row))), digestOf(billkey));
  return changeKey(context, { customerId }, (at) => ({ kind: "import", key, isSame, at }));
}

function digestOf(secret: Secret): Buffer {
  return createHash("sha256").update(secret.reveal()).digest();
}

function isUsable(billkey: Secret | undefined): billkey is Secret {
  return billkey !== undefined && /^[\x21-\x7e]{1,200}$/.test(billkey.reveal());
}

const batchSize = 100;

/** Re-encrypts every key that is not encrypted with the current secret. An interrupted run can be repeated. */
export async function rotateSecrets(context: LedgerContext): Promise<SecretRotation> {
  const { prefix } = vaultOf(context);
  let rotated = 0;
  let after: string | undefined;
  const errors: unknown[] = [];
  for (;;) {
    const encryptedOtherwise = { prefix, after, limit: batchSize };
    const rows = await context.store.read((tx) => tx.keys(context.mid, { encryptedOtherwise }));
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
async function rotateRow(context: LedgerContext, row: KeyRow): Promise<boolean> {
  const { id: rowId, encryptedKey: from } = row;
  if (from === null) return false;
  const vault = vaultOf(context);
  const to = vault.encrypt(vault.decrypt(from, placeOf(row)), placeOf(row));
  return changeKey(context, { rowId }, () => ({ kind: "reencrypt", rowId, from, to }));
}
