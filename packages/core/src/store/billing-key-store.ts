import type { Secret } from "../secret.js";
import type { CallOutcome } from "./payment-store.js";

/** Keeps billing keys, encrypted, so that nobody else has to. */
export interface BillingKeyStore {
  /**
   * Why it can keep no keys as it was set up, in words for whoever set it up, such as that there is nothing to encrypt them
   * under; `undefined` if it can, as without this method. A handler asks when it is made, and is not made without keys.
   */
  whyNoKeys?(): string | undefined;
  /** Reserves the issue of a key; with `replaces`, of another one under the same id, refused while one is running. */
  reserveKey(request: KeyRequest): Promise<KeyReservation>;
  /** Makes durable that the first byte of an issue may leave now. Throws if it may not be sent any more. */
  markKeySending(call: ReservedKey): Promise<void>;
  /**
   * Keeps what came of an issue. After a replacement the old key is stopped at once, and given back to be deleted at
   * the gateway. An `unknown` issue is no key, and is listed for an operator: one may exist at the gateway.
   */
  settleKey(call: ReservedKey, outcome: KeyOutcome): Promise<SettledKey>;
  findKey(id: string): Promise<BillingKey | undefined>;
  /** The key itself, for one charge; `undefined` unless it is `active`. */
  revealKey(id: string): Promise<Secret | undefined>;
  /** Stops a key for good and gives it to be deleted at the gateway; a deletion that failed before may be repeated. */
  reserveKeyDeletion(id: string): Promise<KeyDeletionReservation>;
  /** The same for one call's key by its `callId`, also of a key that another one has replaced under its id. */
  reserveKeyDeletionRetry(callId: string): Promise<KeyDeletionReservation>;
  /** Keeps what came of a deletion. Whatever it was, the key stays stopped. */
  settleKeyDeletion(call: ReservedKeyDeletion, outcome: KeyOutcome): Promise<BillingKey>;
}

export interface KeyRequest {
  /** The account whose key it is, in the merchant's own terms. */
  readonly customerId: string;
  /** The id of the key that the new one takes the place of. */
  readonly replaces?: string;
}

/** An issue that may now be sent, once. */
export interface ReservedKey {
  /** The key's id, for the merchant's own tables: it stays when the card changes. */
  readonly id: string;
  /** The store's own id for this call. */
  readonly callId: string;
  readonly customerId: string;
}

export type KeyReservation =
  | { readonly status: "reserved"; readonly call: ReservedKey }
  | { readonly status: "refused"; readonly reason: "no-such-key" | "in-progress" };

/** What is known after a call about a key. */
export interface KeyOutcome {
  readonly outcome: CallOutcome["outcome"];
  /** The key, after an issue that succeeded. */
  readonly billkey?: Secret;
  readonly code?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

export interface SettledKey {
  readonly key: BillingKey;
  /** The key that was replaced, to be deleted at the gateway. */
  readonly retired?: ReservedKeyDeletion;
}

/** A deletion that may now be sent; it may be repeated. */
export interface ReservedKeyDeletion {
  readonly id: string;
  readonly callId: string;
  readonly billkey: Secret;
}

export type KeyDeletionReservation =
  | { readonly status: "reserved"; readonly call: ReservedKeyDeletion }
  | { readonly status: "refused"; readonly reason: "no-such-key" | "in-progress" | "already-deleted" };

/** What may be known about a billing key without having it. */
export interface BillingKey {
  readonly id: string;
  readonly customerId: string;
  /** `card` keys are issued and deleted here; `mobile` ones come from the gateway's payment window. */
  readonly kind: "card" | "mobile";
  readonly state:
    | "issuing"
    | "active"
    /** The gateway refused, or was not reached; there is no key. */
    | "failed"
    /** Nobody knows whether a key was issued: there is none here. */
    | "unknown"
    /** Stopped; the gateway was not heard to have deleted it. */
    | "deleting"
    | "deleted";
  readonly issuedAt?: Date;
}
