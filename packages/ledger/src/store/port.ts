import type { Environment } from "@payapi/core";
import type { KeyChanges, KeyRow, KeyTransition } from "../domain/billing-key.js";
import type { DuePage, DuePlace, SilenceLimits } from "../domain/deadlines.js";
import type {
  NewNotificationRow,
  NotificationEffect,
  NotificationOutcome,
  NotificationRow,
  Notified,
  NotifiedQuestion,
} from "../domain/notification-rows.js";
import type { Changes } from "../domain/order.js";
import type { LedgerAccount, LinkRow, Order, OrderRows, TransitionRow } from "../domain/rows.js";
import type { EventQueues, EventReading, NewEvent } from "./event-rows.js";
import type { EncryptedCount, KeyVault, OrphanPage } from "./key-vault.js";
import type { Along, RequestRow } from "./limit-rows.js";

/**
 * The interface between the ledger and a database. A store has no payment rules: it loads an order as one value, and saves changes if the order
 * was not changed meanwhile. Its unique constraints are a second safeguard.
 */
export interface LedgerStore extends EventQueues {
  /**
   * The environment of a merchant's rows; `undefined` before the first one.
   *
   * @param claimed stored as the environment, unless there is one
   */
  environmentOf(mid: string, claimed?: Environment): Promise<Environment | undefined>;
  /** Loads one order with all its rows; an empty order if there are none. */
  load(mid: string, orderId: string, ask?: LoadOptions): Promise<LoadedOrder>;
  /** Loads a billing key with all its rows, or all rows of a customer. */
  loadKey(
    mid: string,
    question: KeyQuestion,
    ask?: Pick<LoadOptions, "comparesDatabase">,
  ): Promise<LoadedKey>;
  /**
   * Writes the changes of an order or a billing key, all or nothing, if it still has the loaded version.
   *
   * @throws {@link UniqueConflict} when a row would break a unique constraint; nothing was written
   * @throws {@link AlongRefused} when a rate limit is exhausted or an idempotency key is in use; nothing was written
   */
  save(save: Save): Promise<SaveResult>;
  /** Looks up the ids that a notification names. */
  notified(mid: string, question: NotifiedQuestion): Promise<Notified>;
  /** A request with an idempotency key, by its id. */
  request(mid: string, id: string): Promise<RequestRow | undefined>;
  /**
   * Deletes up to `limit` rate limits and up to `limit` idempotency keys that ended by `now` (default: the store's clock), and returns the larger
   * number of the two.
   */
  removeEnded(mid: string, now: Date | undefined, limit: number): Promise<number>;
  /**
   * Returns the database that answers, and the one that was accepted last. They are compared by an identity, a text that differs after a restore
   * or a failover. Either may have lost committed rows.
   */
  compareDatabase(): Promise<ComparedDatabase & { readonly now: Date }>;
  /**
   * Whether commits wait for a standby: `asynchronous` if there is a standby and they don't, `none` without one. `standby` if this is one itself,
   * which can only be read.
   */
  replication(): Promise<Replication>;
  /** Append-only. */
  acceptDatabase(database: AcceptedDatabase): Promise<void>;
  /** A link by its token. */
  link(mid: string, token: string): Promise<LinkRow | undefined>;
  /** Runs `work` on one consistent snapshot, read-only. */
  read<T>(work: (tx: LedgerReading) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** The store's own vault, if its rows can't be read from outside: it stores billing keys without a secret. */
  readonly vault?: KeyVault;
}

/** What `load` looks up beside the order. */
export interface LoadOptions {
  /** Transaction ids of payments to look up in other orders. */
  readonly tids?: readonly string[];
  /** Transaction ids of cancels to look up in other orders. */
  readonly cancelTids?: readonly string[];
  /** Also compare the database with the accepted one (default: `false`). Some servers hide their identity. */
  readonly comparesDatabase?: boolean;
  /** Rate limits by key, to find an exhausted one. */
  readonly limits?: ReadonlyMap<string, number>;
}

/** An order at one time, and the database it was loaded from. */
export interface LoadedOrder {
  readonly order: Order;
  /** The store's own clock. */
  readonly now: Date;
  /** Only with `comparesDatabase`. */
  readonly database: ComparedDatabase | undefined;
  /** Only with `limits`: when every exhausted counter has restarted; `undefined` if none is exhausted. */
  readonly fullUntil?: Date | undefined;
}

/** Which billing key to load: by its id, or by the id of one of its rows. Or the rows of a customer, in the order of their insertion. */
export type KeyQuestion =
  | { readonly keyId: string }
  | { readonly rowId: string }
  | { readonly customerId: string };

/** A billing key at one time, and the database it was loaded from. */
export interface LoadedKey {
  /** In the order of their insertion; empty if there is no such key. */
  readonly rows: readonly KeyRow[];
  /** 0 for a key without rows, and for the rows of a customer. */
  readonly version: number;
  /** The store's own clock. */
  readonly now: Date;
  /** Only with `comparesDatabase`. */
  readonly database: ComparedDatabase | undefined;
}

/** Changes of an order or a billing key to write, or a notification without an order. */
export interface Save {
  readonly mid: string;
  /** Missing for a notification that names no order of this merchant. */
  readonly order?: {
    readonly orderId: string;
    readonly version: number;
    readonly changes: Omit<Changes, "events">;
  };
  /**
   * A billing key. Unique constraints allow each id one active key (`billing_keys_one_active`) and one running issue
   * (`billing_keys_one_running`), and each customer one imported key of a number (`billing_keys_import_no`).
   */
  readonly key?: Omit<KeyChanges, "events"> & { readonly keyId: string; readonly version: number };
  /** Write only if the database is the accepted one; the writing statement compares (default: `false`). */
  readonly onlyIfAccepted?: boolean;
  /** The notification to write together with the changes. */
  readonly inbox?: NotificationWrite;
  /** Events to deliver to consumers. */
  readonly events?: readonly NewEvent[];
  /** Rate limits and idempotency keys to write together with the changes. */
  readonly along?: Along;
}

/**
 * `stale`: the order or the key was changed since it was loaded. `gone`: the notification to release is not in quarantine. `database-changed`: the
 * database is not the accepted one. Except for `saved`, nothing was written.
 */
export type SaveResult = "saved" | "stale" | "gone" | "database-changed";

/** How a notification is written. */
export type NotificationWrite =
  /** A new one. */
  | { readonly insert: NewNotificationRow }
  /** One that arrived again with the same body. */
  | { readonly repeat: NotificationKey & Pick<NotificationRow, "fingerprint"> }
  /** One that an operator released from quarantine. */
  | {
      readonly release: {
        readonly id: string;
        readonly tid: string;
        readonly verdict: NotificationOutcome;
        readonly actor: string;
        readonly evidence: string;
        readonly at: Date;
      };
    };

/** Identifies the event that a notification reports. Notifications from listed and unlisted sources are kept apart. */
export type NotificationKey = Pick<NotificationRow, "mid" | "listed" | "dedupeKey">;

/** Queries of lists and recovery, on one snapshot. */
export interface LedgerReading extends EventReading {
  /** The store's own clock. */
  readonly now: Date;
  /** Orders with all their attempts and cancels, newest attempt first. */
  orders(mid: string, question: OrderQuestion): Promise<readonly ListedOrder[]>;
  /** Silent calls: reserved before one time, or sending with a deadline before another; ordered by id. */
  staleCalls(mid: string, limits: SilenceLimits): Promise<readonly StaleCall[]>;
  /** Calls of one kind that recovery may make now. */
  dueCalls(mid: string, kind: DueKind, page: DuePage): Promise<readonly DueCall[]>;
  transitions(mid: string, orderId: string): Promise<readonly TransitionRow[]>;
  /** The sum of each account of one order. */
  balance(mid: string, orderId: string): Promise<ReadonlyMap<LedgerAccount, number>>;
  /** Notifications, newest first. */
  notifications(mid: string, question: NotificationQuestion): Promise<readonly NotificationRow[]>;
  /** Rows of billing keys. */
  keys(mid: string, question: KeyListQuestion): Promise<readonly (KeyRow & ListPosition)[]>;
  /** How many keys each secret encrypts, by the secret's fingerprint. */
  countEncrypted(mid: string): Promise<readonly EncryptedCount[]>;
  keyTransitions(mid: string, keyId: string): Promise<readonly KeyTransition[]>;
}

/** A write violated a unique constraint. */
export class UniqueConflict extends Error {
  override readonly name = "UniqueConflict";
  /** @param constraint the name of the constraint or index */
  constructor(readonly constraint: string) {
    super(`The row would break the unique constraint ${constraint}`);
  }
}

/**
 * Groups of attempts. `open`: running, unknown, with a mismatch or an open cancel. `full`, `reduced` and `returned`: approved, with all, some or
 * none of the price remaining. `not_sent` includes `settled_not_moved`. The others are attempts in the state of that name.
 */
export type AttemptGroup =
  | "open"
  | "full"
  | "reduced"
  | "returned"
  | "declined"
  | "not_sent"
  | "net_cancelled"
  | "awaiting_deposit";

/** Position in a list; later rows have higher ones. */
export interface ListPosition {
  readonly position: number;
}

/** An order in a list, with the position of its newest attempt. */
export interface ListedOrder extends OrderRows, ListPosition {
  readonly orderId: string;
}

/** Which orders to list. */
export type OrderQuestion =
  /** A page by the newest attempt; with `among`, only of orders with an attempt in that group. */
  | { readonly newest: { readonly limit: number; readonly before?: number; readonly among?: AttemptGroup } }
  /** Those with an unpaid virtual account: due within the limits or, without a due date, made within the others. */
  | { readonly overdue: OverdueLimits }
  /** Those with an unknown call, with a sending call past its deadline, or with a mismatch that was not reviewed. */
  | { readonly unsettled: { readonly deadlineBefore: Date } };

/** Which notifications to list: one, or a page. */
export type NotificationQuestion =
  | { readonly id: string }
  | {
      readonly newest: {
        readonly limit: number;
        readonly before?: number;
        readonly effect?: NotificationEffect;
      };
    };

/** Which rows of billing keys to list. */
export type KeyListQuestion =
  /** Issues that are unknown or past their deadline, and stopped keys without a running deletion; newest first. */
  | { readonly orphans: OrphanPage }
  /** Those whose encrypted key does not begin with `prefix`, ordered by id. */
  | {
      readonly encryptedOtherwise: {
        readonly prefix: string;
        readonly after: string | undefined;
        readonly limit: number;
      };
    };

/** The due dates, or for accounts without one the dates of issue, to look for. */
export interface OverdueLimits {
  readonly dueSince: Date;
  readonly dueBefore: Date;
  readonly madeSince: Date;
  readonly madeBefore: Date;
}

/** An unknown cancel, an unknown approval without an open cancel or a mismatch, or a stopped billing key. */
export type DueKind = "repeat" | "net-cancel" | "deletion";

export interface DueCall extends DuePlace {
  /** The id of the order or the billing key. */
  readonly of: string;
}

/** An approval, a cancel, or the issue of a billing key. */
export interface StaleCall {
  readonly kind: "approval" | "cancel" | "key";
  readonly id: string;
  /** The id of the order or the billing key. */
  readonly of: string;
  readonly state: "reserved" | "sending";
  readonly createdAt: Date;
}

export type Replication = "synchronous" | "asynchronous" | "none" | "standby";

export interface AcceptedDatabase {
  readonly identity: string;
  readonly at: Date;
  readonly actor: string;
  readonly evidence: string;
}

/** The database that answers, and the one that was accepted last. */
export interface ComparedDatabase {
  /** The database that answers. */
  readonly identity: string;
  /** The newest acceptance. */
  readonly accepted: AcceptedDatabase;
  /** Whether `accepted` was written when the tables were created, so that the database was never replaced. */
  readonly isFirst: boolean;
}
