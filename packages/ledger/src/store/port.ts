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
import type { EventReading, EventRows, NewEvent } from "./event-rows.js";
import type { EncryptedCount, KeyVault, OrphanPage } from "./key-vault.js";
import type { Along, RateLimitRows, RequestRows } from "./limit-rows.js";

/**
 * The interface between the ledger and a database. A store has no payment rules: it loads an order as one value, and saves changes if the order
 * was not changed meanwhile. Its unique constraints are a second safeguard.
 */
export interface LedgerStore {
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
  /** A notification by its id. */
  notificationRow(mid: string, id: string): Promise<NotificationRow | undefined>;
  /** A link by its token. */
  link(mid: string, token: string): Promise<LinkRow | undefined>;
  /**
   * Runs `work` as one transaction: its writes are durable when this resolves, and rolled back when `work` throws. May run `work` again
   * after a try that was certainly rolled back.
   *
   * @throws {@link UniqueConflict} when a write ran into a unique constraint; nothing was written
   */
  transaction<T>(work: (tx: LedgerTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
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

/** Options of a transaction. */
export interface TransactionOptions {
  /**
   * `work` calls `database.compare()` and never `database.accept()` (default: `false`). A store may then compare in the statement
   * that begins the transaction, which saves a round trip. It may also ignore this.
   */
  readonly comparesDatabase?: boolean;
}

/** Queries of lists and recovery, on one snapshot. */
export interface LedgerReading {
  readonly database: DatabaseReading;
  readonly events: EventReading;
  /** The store's own clock. */
  readonly now: Date;
  /** All attempts and cancels of these orders. */
  ordersRows(mid: string, orderIds: readonly string[]): Promise<OrderRows>;
  /** Order ids by their newest attempt, newest first; with `among`, only orders with an attempt in that group. */
  newestOrders(
    mid: string,
    page: { limit: number; before?: number; among?: AttemptGroup },
  ): Promise<readonly OrderPosition[]>;
  /** Silent calls: reserved before one time, or sending with a deadline before another; ordered by id. */
  staleCalls(mid: string, limits: SilenceLimits): Promise<readonly StaleCall[]>;
  /** Calls of one kind that recovery may make now. */
  dueCalls(mid: string, kind: DueKind, page: DuePage): Promise<readonly DueCall[]>;
  /** Orders with an unpaid virtual account: due within the limits or, without a due date, made within the others. */
  overdueOrders(mid: string, limits: OverdueLimits): Promise<readonly string[]>;
  /** Orders with an unknown call, with a sending call past its deadline, or with a mismatch that was not reviewed. */
  unsettledOrders(mid: string, deadlineBefore: Date): Promise<readonly string[]>;
  transitions(mid: string, orderId: string): Promise<readonly TransitionRow[]>;
  /** The sum of each account of one order. */
  balance(mid: string, orderId: string): Promise<ReadonlyMap<LedgerAccount, number>>;
  /** Notifications, newest first. */
  newestNotifications(
    mid: string,
    page: { limit: number; before?: number; effect?: NotificationEffect },
  ): Promise<readonly NotificationRow[]>;
  /** Issues that are unknown or past their deadline, and stopped keys without a running deletion; newest first. */
  orphans(mid: string, page: OrphanPage): Promise<readonly (KeyRow & ListPosition)[]>;
  /** Rows whose encrypted key does not begin with `prefix`, ordered by id. */
  encryptedOtherwise(
    mid: string,
    prefix: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly KeyRow[]>;
  /** How many keys each secret encrypts, by the secret's fingerprint. */
  countEncrypted(mid: string): Promise<readonly EncryptedCount[]>;
  keyTransitions(mid: string, keyId: string): Promise<readonly KeyTransition[]>;
}

/** Writes of everything but orders. */
export interface LedgerTransaction extends LedgerReading {
  readonly rateLimits: RateLimitRows;
  readonly requests: RequestRows;
  readonly database: DatabaseRows;
  readonly events: EventRows;
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

/** An order, with the position of its newest attempt. */
export interface OrderPosition extends ListPosition {
  readonly orderId: string;
}

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

/** Compares databases by an identity, a text that differs after a restore or a failover. Either may have lost committed rows. */
export interface DatabaseReading {
  /** The database that answers, and the one that was accepted last. */
  compare(): Promise<ComparedDatabase>;
  /**
   * Whether commits wait for a standby: `asynchronous` if there is a standby and they don't, `none` without one. `standby` if this is one itself,
   * which can only be read.
   */
  replication(): Promise<Replication>;
}

export type Replication = "synchronous" | "asynchronous" | "none" | "standby";

export interface DatabaseRows extends DatabaseReading {
  /** Append-only. */
  accept(database: AcceptedDatabase): Promise<void>;
}

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
