import type { BillingKey, CallOutcome, KeyDeletionReservation, Secret } from "@payapi/core";
import type { KeyState } from "./key-rows.js";

/** What the ledger offers for billing keys beside core's `BillingKeyRecord`. */
export interface BillingKeyExtras {
  /** All keys of an owner, whatever became of them; the oldest first. */
  billingKeys(owner: string): Promise<readonly BillingKey[]>;
  /** Keeps a key that the gateway's payment window issued. A key that the owner has already is given back as it is. */
  importBillingKey(key: ImportedBillingKey): Promise<BillingKey>;
  /** Everything that ever happened to a key, in order. */
  keyTimeline(id: string): Promise<readonly KeyTimelineLine[]>;
  /**
   * What may be alive at the gateway though nobody uses it: issues of unknown outcome, and keys whose deletion was not
   * confirmed; the oldest first.
   */
  orphanKeys(): Promise<readonly OrphanKey[]>;
  /** Gives an orphan in the state `deleting` to be deleted at the gateway once more. */
  retryKeyDeletion(callId: string): Promise<KeyDeletionReservation>;
  /**
   * Ends an orphan with the word of an operator: no key is alive at the gateway (any more).
   *
   * @throws LedgerError `no-such-call` if it is no orphan
   */
  closeOrphanKey(callId: string, word: { readonly actor: string; readonly evidence: string }): Promise<void>;
  /**
   * Encrypts every stored key under `secrets.current`. May be stopped and run again, and run while the shop is open; once it
   * resolves, `secrets.previous` is needed no more.
   */
  rotateSecrets(): Promise<SecretRotation>;
}

/** A key of the gateway's payment window. */
export interface ImportedBillingKey {
  /** The account whose key it is, in the merchant's own terms. */
  readonly owner: string;
  readonly kind: BillingKey["kind"];
  readonly billkey: Secret | string;
}

/** A key that may be alive at the gateway. */
export interface OrphanKey {
  readonly id: string;
  /** The one call it is about. */
  readonly callId: string;
  readonly owner: string;
  readonly kind: BillingKey["kind"];
  readonly state: "unknown" | "deleting";
  /** When the issue was reserved. */
  readonly createdAt: Date;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** One line of a key's history. */
export interface KeyTimelineLine {
  readonly at: Date;
  /** Several issues may share an id. */
  readonly callId: string;
  /** Missing on the first line of a call. */
  readonly from?: KeyState;
  readonly to: KeyState;
  readonly outcome?: CallOutcome["outcome"];
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
  /** An operator, `recovery` when `recover()` ended the call, `replacement` when another key took its place. */
  readonly actor?: string;
  readonly evidence?: string;
}

/** What `rotateSecrets()` did. */
export interface SecretRotation {
  /** Keys that were encrypted anew. */
  readonly rotated: number;
}
