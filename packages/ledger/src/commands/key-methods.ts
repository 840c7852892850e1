import type { BillingKey, CallOutcome, ReservedKeyDeletion, Secret, SettledKey } from "@payapi/core";
import type { ClosedOrphanKey, KeyRow, KeyState, OrphanState } from "../domain/billing-key.js";
import { LedgerError } from "../errors.js";
import type { KeyVault } from "../store/key-vault.js";
import type { LedgerContext } from "./context.js";

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

/** The reserved deletion of a row's key. */
export function revealed(vault: KeyVault, row: KeyRow): ReservedKeyDeletion {
  const { keyId, id, encryptedKey } = row;
  if (encryptedKey === null)
    throw new LedgerError("broken-rule", "A billing key in state deleting has no stored key");
  return { id: keyId, callId: id, billkey: vault.decrypt(encryptedKey, placeOf(row)) };
}

export function placeOf({ mid, id: rowId }: KeyRow) {
  return { mid, rowId };
}

/**
 * The replaced key, for its deletion. The new key is stored, whether or not the replaced one can be read: one that can't stays listed as an
 * orphan, and `recover()` reports it until a process with its secret deletes it.
 */
export function deletable(vault: KeyVault, row: KeyRow): Pick<SettledKey, "retired"> {
  try {
    return { retired: revealed(vault, row) };
  } catch (error) {
    if (error instanceof LedgerError && error.code === "unreadable-key") return {};
    throw error;
  }
}
