import type { Secret } from "../secret.js";
import type { CallOutcome } from "./payment-store.js";

/** Stores billing keys, encrypted. */
export interface BillingKeyStore {
  /**
   * Returns the reason why the store cannot store keys, for the developer, such as a missing encryption secret; `undefined` if it
   * can. A handler with billing keys calls it when it is created, and fails with the reason.
   */
  whyNoKeys?(): string | undefined;
  /** Reserves the issue of a key; with `replaces`, the replacement of a key under the same id, refused while one is running. */
  reserveKey(request: KeyRequest): Promise<KeyReservation>;
  /** Stores durably that the first byte of an issue may be sent now. Throws if it must not be sent any more. */
  markKeySending(call: ReservedKey): Promise<void>;
  /**
   * Stores the outcome of an issue. After a replacement the old key is stopped at once and returned, to be deleted at the gateway.
   * An `unknown` issue creates no key and is listed for an operator, since a key may exist at the gateway.
   */
  settleKey(call: ReservedKey, outcome: KeyOutcome): Promise<SettledKey>;
  findKey(id: string): Promise<BillingKey | undefined>;
  /** Returns the secret key for one charge; `undefined` unless it is `active`. */
  revealKey(id: string): Promise<Secret | undefined>;
  /** Stops a key permanently and returns it, to be deleted at the gateway. Call it again to repeat a failed deletion. */
  reserveKeyDeletion(id: string): Promise<KeyDeletionReservation>;
  /** Does the same for the key of one call, by its `callId`; also for a key that was replaced under its id. */
  reserveKeyDeletionRetry(callId: string): Promise<KeyDeletionReservation>;
  /** Stores the outcome of a deletion. The key stays stopped for every outcome. */
  settleKeyDeletion(call: ReservedKeyDeletion, outcome: KeyOutcome): Promise<BillingKey>;
}

export interface KeyRequest {
  /** The customer who owns the key, as the merchant names it. */
  readonly customerId: string;
  /** The id of the key to replace. */
  readonly replaces?: string;
}

/** A reserved issue; it may be sent once. */
export interface ReservedKey {
  /** The key's id, for the merchant's own tables; a replacement keeps it. */
  readonly id: string;
  /** The store's own id for this call. */
  readonly callId: string;
  readonly customerId: string;
}

export type KeyReservation =
  | { readonly status: "reserved"; readonly call: ReservedKey }
  | { readonly status: "refused"; readonly reason: "no-such-key" | "in-progress" };

/** The outcome of a call about a key. */
export interface KeyOutcome {
  readonly outcome: CallOutcome["outcome"];
  /** The key, after a successful issue. */
  readonly billkey?: Secret;
  readonly code?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

export interface SettledKey {
  readonly key: BillingKey;
  /** The replaced key, to be deleted at the gateway. */
  readonly retired?: ReservedKeyDeletion;
}

/** A reserved deletion; it may be repeated. */
export interface ReservedKeyDeletion {
  readonly id: string;
  readonly callId: string;
  readonly billkey: Secret;
}

export type KeyDeletionReservation =
  | { readonly status: "reserved"; readonly call: ReservedKeyDeletion }
  | { readonly status: "refused"; readonly reason: "no-such-key" | "in-progress" | "already-deleted" };

/** A billing key without its secret. */
export interface BillingKey {
  readonly id: string;
  readonly customerId: string;
  /** `card` keys are issued and deleted here; `mobile` keys come from the gateway's payment window. */
  readonly kind: "card" | "mobile";
  readonly state:
    | "issuing"
    | "active"
    /** The issue was refused or not sent; no key exists. */
    | "failed"
    /** The outcome of the issue is unknown; the store has no key. */
    | "unknown"
    /** Stopped here; its deletion at the gateway is not confirmed. */
    | "deleting"
    | "deleted";
  readonly issuedAt?: Date;
}
