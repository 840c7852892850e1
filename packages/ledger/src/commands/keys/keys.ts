import type { BillingKey, CallOutcome, Secret } from "@payapi/core";
import type { KeyEventKind } from "../../domain/event-types.js";
import { writeData } from "../../domain/events.js";
import { LedgerError } from "../../errors.js";
import type { KeyRow, KeyState, KeyTransition, KeyVault, OrphanState } from "../../store/key-rows.js";
import type { LedgerTransaction, TransactionOptions } from "../../store/port.js";
import { type LedgerContext, newId } from "../context.js";

/** Reads and manages billing keys. */
export interface LedgerKeys {
  /** All keys of a customer in every state, oldest first. */
  list(customerId: string): Promise<readonly BillingKey[]>;
  /** Stores a key that the gateway's payment page issued. If the customer already has the key, returns it unchanged. */
  import(key: ImportedBillingKey): Promise<BillingKey>;
  /** The history of a key, oldest entry first. */
  timeline(id: string): Promise<readonly KeyTimelineEntry[]>;
  /**
   * Unused keys that may still be chargeable at the gateway: issues whose outcome is unknown, and keys whose deletion is not confirmed;
   * newest first. Works without `secrets`.
   */
  orphans(options?: OrphanListOptions): Promise<readonly OrphanKey[]>;
  /**
   * Closes an orphan, on an operator's evidence that the key does not exist at the gateway. If the key arrives later, it is stored and
   * deleted. Works without `secrets`.
   *
   * @throws LedgerError `invalid-argument`
   */
  closeOrphan(callId: string, note: OperatorNote): Promise<ClosedOrphanKey>;
  /**
   * Re-encrypts every stored key with `secrets.current`. Can run while the shop is open, and can be interrupted and repeated. Once it
   * resolves, `secrets.previous` is no longer needed.
   */
  rotateSecrets(): Promise<SecretRotation>;
  /** The secrets that encrypt the stored keys, and whether this ledger has them. Works without `secrets`. */
  secrets(): Promise<readonly KeySecret[]>;
}

/** A key that the gateway's payment page issued. */
export interface ImportedBillingKey {
  /** The customer who owns the key, as the merchant names them. */
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly billkey: Secret | string;
}

/** Which orphans to list. */
export interface OrphanListOptions {
  /** Only `unknown` issues, or only keys in state `deleting`. */
  readonly state?: OrphanState;
  /** Page size, 1 to 500 (default: all). */
  readonly limit?: number;
  /** The `position` of the last orphan on the previous page. */
  readonly before?: number;
}

/** An unused key that may still be chargeable at the gateway. */
export interface OrphanKey {
  readonly id: string;
  /** The issue of the key; names the orphan, since several issues may share an `id`. */
  readonly callId: string;
  /** Position in the list; later issues have higher ones. */
  readonly position: number;
  readonly customerId: string;
  readonly kind: BillingKey["kind"];
  readonly state: OrphanState;
  /** When the issue was reserved. */
  readonly createdAt: Date;
  /** `true` while `recover()` still retries the deletion. */
  readonly retrying: boolean;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** Who looked the orphan up at the gateway, and on what evidence. Stored permanently; must not contain keys or card data. */
export interface OperatorNote {
  readonly actor: string;
  readonly evidence: string;
}

/** The result of `keys.closeOrphan`. */
export type ClosedOrphanKey =
  /** `key` is the current state of the id, which may be active through another issue. */
  | { readonly status: "closed"; readonly key: BillingKey }
  | {
      readonly status: "refused";
      /** No orphan goes by this call: there is none, it is in use or being deleted, or it was closed before. */
      readonly reason: "no-such-orphan";
    }
  | {
      readonly status: "refused";
      /** The gateway may still issue the key, so its absence in the console proves nothing yet. */
      readonly reason: "too-early";
      /** From when on it can be closed: 10 minutes after the deadline. */
      readonly notBefore: Date;
    };

/** One entry of a key's history. */
export interface KeyTimelineEntry {
  readonly at: Date;
  /** The issue it is about; several issues may share an id. */
  readonly callId: string;
  /** The previous state; missing on the first entry of an issue. */
  readonly from?: KeyState;
  readonly to: KeyState;
  readonly outcome?: CallOutcome["outcome"];
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /** An operator, `recovery` for `recover()`, `replacement` if another key replaced it, or `import`. */
  readonly actor?: string;
  readonly evidence?: string;
}

/** A secret that encrypts stored keys. */
export interface KeySecret {
  /** A hash of the secret that identifies it without revealing it. */
  readonly fingerprint: string;
  /** `missing`: the secret is not in this ledger's `secrets`, so its keys can't be read. */
  readonly role: "current" | "previous" | "missing";
  /** How many keys it encrypts. */
  readonly keys: number;
}

/** The result of `keys.rotateSecrets()`. */
export interface SecretRotation {
  /** How many keys were re-encrypted. */
  readonly rotated: number;
}

const publicStates: Record<KeyState, BillingKey["state"]> = {
  reserved: "issuing",
  sending: "issuing",
  active: "active",
  failed: "failed",
  unknown: "unknown",
  deleting: "deleting",
  deleted: "deleted",
};

/** The state of an id is that of its first row in this order: an active key counts before all others. */
const precedence: readonly KeyState[] = [
  "active",
  "sending",
  "reserved",
  "deleting",
  "deleted",
  "unknown",
  "failed",
];

/** The public view of an id's rows; `undefined` without rows. */
export function viewKey(rows: readonly KeyRow[]): BillingKey | undefined {
  for (const state of precedence) {
    const row = rows.findLast((each) => each.state === state);
    if (row !== undefined) return viewRow(row);
  }
  return undefined;
}

function viewRow({ keyId, customerId, kind, state, issuedAt }: KeyRow): BillingKey {
  return {
    id: keyId,
    customerId,
    kind,
    state: publicStates[state],
    ...(issuedAt === null ? {} : { issuedAt }),
  };
}

/** As {@link viewKey}, for rows that must exist. */
export function seenKey(rows: readonly KeyRow[]): BillingKey {
  const key = viewKey(rows);
  if (key === undefined) throw new LedgerError("broken-rule", "A billing key has no rows");
  return key;
}

/** The vault; throws `no-secrets` without one. */
export function vaultOf({ vault }: LedgerContext): KeyVault {
  if (vault !== undefined) return vault;
  throw new LedgerError("no-secrets", noVault);
}

/** Why billing keys can't be stored, and what to do; `undefined` if they can be. */
export function whyNoKeys({ vault }: LedgerContext): string | undefined {
  return vault === undefined ? noVault : undefined;
}

const noVault =
  "The ledger has no secrets, and stores billing keys only encrypted: give openLedger `secrets: { current }`, 32 random bytes as base64 (openssl rand -base64 32)";

type Step = Pick<KeyTransition, "at" | "from"> & Partial<KeyTransition>;

/** The history entry of one step; `row` is the row after it. */
export function keyTransition(row: KeyRow, step: Step): KeyTransition {
  return {
    mid: row.mid,
    keyId: row.keyId,
    rowId: row.id,
    to: row.state,
    outcome: null,
    failureCode: null,
    resultCode: null,
    resultMessage: null,
    actor: null,
    evidence: null,
    ...step,
  };
}

/** Runs `work` as one transaction, and writes an event in it for each key that `work` issued, changed or deleted. */
export function changeKeys<T>(
  { store, mid }: Pick<LedgerContext, "store" | "mid">,
  work: (tx: LedgerTransaction) => Promise<T>,
  options?: TransactionOptions,
): Promise<T> {
  return store.transaction(async (tx) => {
    const transitions: KeyTransition[] = [];
    const keys = {
      ...tx.keys,
      async addKeyTransition(transition: KeyTransition) {
        await tx.keys.addKeyTransition(transition);
        transitions.push(transition);
      },
    };
    const result = await work({ ...tx, keys });
    for (const transition of transitions) await addEvent(mid, tx, transition);
    return result;
  }, options);
}

async function addEvent(mid: string, tx: LedgerTransaction, transition: KeyTransition): Promise<void> {
  const { keyId, rowId, to, at } = transition;
  if (to !== "active" && to !== "deleted") return;
  const rows = await tx.keys.rowsOfKey(mid, keyId);
  const row = rows.find(({ id }) => id === rowId);
  // The deletion of a replaced key is not reported while the id has another key.
  if (row === undefined || (to === "deleted" && viewKey(rows)?.state !== "deleted")) return;
  const issued: KeyEventKind = row.replaces === null ? "key-issued" : "key-changed";
  await tx.events.addEvent({
    id: newId(),
    mid,
    kind: to === "active" ? issued : ("key-deleted" satisfies KeyEventKind),
    orderingKey: `key:${keyId}`,
    at,
    data: writeData({ keyId, customerId: row.customerId, keyKind: row.kind }),
  });
}
