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
import type { Account, LinkRow, Order, OrderRows, TransitionRow } from "../domain/rows.js";
import type { SilentCall } from "../domain/sending.js";
import type { EventReading, EventRows, NewEvent } from "./event-rows.js";
import type { KeyReading, KeyRows, KeyVault } from "./key-rows.js";
import type { Along, RateLimitRows, RequestRows } from "./limit-rows.js";

/**
 * What the ledger needs from a database. A store knows no payment rules: it loads an order as one value, and saves what was decided
 * about it if nobody else changed it meanwhile. Unique constraints are the second net.
 */
export interface LedgerStore {
  /** One order with everything about it; an empty one if nothing was kept of it. */
  load(mid: string, orderId: string, ask?: LoadOptions): Promise<LoadedOrder>;
  /**
   * Writes what was decided about an order, all of it or nothing, if the order still has the version that was loaded.
   *
   * @throws {@link UniqueConflict} when a row would break a unique constraint; nothing was written
   * @throws {@link AlongRefused} when a counter is full, or a request was begun before; nothing was written
   */
  save(save: Save): Promise<SaveResult>;
  /** What is known of the ids that a notification names. */
  notified(mid: string, question: NotifiedQuestion): Promise<Notified>;
  /** A notification by its id. */
  notificationRow(mid: string, id: string): Promise<NotificationRow | undefined>;
  /** A link by its token. */
  link(mid: string, token: string): Promise<LinkRow | undefined>;
  /**
   * Runs `work` as one transaction: everything it wrote is durable when this resolves, and nothing of it remains when
   * `work` throws. May run `work` again after an attempt that surely left nothing behind.
   *
   * @throws {@link UniqueConflict} when a write ran into a unique constraint; nothing was written
   */
  transaction<T>(work: (tx: LedgerTransaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Runs `work` on one consistent snapshot; writing in it is not allowed. */
  read<T>(work: (tx: LedgerReading) => Promise<T>): Promise<T>;
  close(): Promise<void>;
  /** For a store whose rows nobody else can read: keeps billing keys without any secret. */
  readonly vault?: KeyVault;
}

/** What is asked for beside an order. */
export interface LoadOptions {
  /** Transaction ids that are about to be kept, or compared: which of them other orders have. */
  readonly tids?: readonly string[];
  readonly cancelTids?: readonly string[];
  /** Which database answers (default: `false`). Not every server says so. */
  readonly comparesDatabase?: boolean;
  /** Counters of rate limits by key, to see whether one is full already. */
  readonly limits?: ReadonlyMap<string, number>;
}

/** An order as it was at one time, and which database said so. */
export interface LoadedOrder {
  readonly order: Order;
  /** The store's own clock. */
  readonly now: Date;
  /** With `comparesDatabase`. */
  readonly database: ComparedDatabase | undefined;
  /** With `limits`: when the last of the full counters starts anew; `undefined` if none is full. */
  readonly fullUntil?: Date | undefined;
}

/** What is to be written of an order, or of a notification that is about none. */
export interface Save {
  readonly mid: string;
  /** Missing for a notification that is about no order here. */
  readonly order?: {
    readonly orderId: string;
    readonly version: number;
    readonly changes: Omit<Changes, "events">;
  };
  /** Only in the database that was accepted last; compared by the statement that writes. */
  readonly onlyIfAccepted?: boolean;
  /** The notification that the change comes of. */
  readonly inbox?: NotificationWrite;
  /** What consumers are told of it. */
  readonly events?: readonly NewEvent[];
  readonly along?: Along;
}

/**
 * `stale`: somebody else changed the order since it was loaded. `gone`: the notification to be released is not in quarantine (any more).
 * `database-changed`: the database is not the one that was accepted. Nothing was written then.
 */
export type SaveResult = "saved" | "stale" | "gone" | "database-changed";

/** How a notification is written. */
export type NotificationWrite =
  /** A new one. */
  | { readonly insert: NewNotificationRow }
  /** One that came again with the same body. */
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

/** What makes two deliveries the same event. A source that is not listed cannot take the place of one that is. */
export type NotificationKey = Pick<NotificationRow, "mid" | "listed" | "dedupeKey">;

/** What a store may know of a transaction before it begins. */
export interface TransactionOptions {
  /**
   * `work` calls `database.compare()` and never `database.accept()` (default: `false`). A store may then compare in the statement
   * that begins the transaction, which saves a round trip. It may also ignore this.
   */
  readonly comparesDatabase?: boolean;
}

/** What lists and recovery ask for, on one snapshot. */
export interface LedgerReading {
  readonly keys: KeyReading;
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
  /** Calls still reserved since before one time, or sending with a deadline before another; by their ids. */
  staleCalls(mid: string, limits: SilenceLimits): Promise<readonly StaleCall[]>;
  /** Unknown cancels whose next repeat is due. */
  dueRepeats(mid: string, page: DuePage): Promise<readonly DueCall[]>;
  /** Unknown approvals without an open cancel or a contradiction that are due to be looked at for a net cancel. */
  dueNetCancels(mid: string, page: DuePage): Promise<readonly DueCall[]>;
  /** Orders with a virtual account that waits for a deposit: due within a time, or, if nobody knows when, made within another. */
  overdueOrders(mid: string, limits: OverdueLimits): Promise<readonly string[]>;
  /**
   * Orders with an unknown call, or one that has been sending past its deadline; and those with a contradictory one that nobody
   * has reviewed.
   */
  unsettledOrders(mid: string, deadlineBefore: Date): Promise<readonly string[]>;
  transitions(mid: string, orderId: string): Promise<readonly TransitionRow[]>;
  /** The sum of each account of one order. */
  balance(mid: string, orderId: string): Promise<ReadonlyMap<Account, number>>;
  /** Notifications, newest first. */
  newestNotifications(
    mid: string,
    page: { limit: number; before?: number; effect?: NotificationEffect },
  ): Promise<readonly NotificationRow[]>;
}

/** Writing of everything but orders. */
export interface LedgerTransaction extends LedgerReading {
  readonly rateLimits: RateLimitRows;
  readonly requests: RequestRows;
  readonly keys: KeyRows;
  readonly database: DatabaseRows;
  readonly events: EventRows;
}

/** A write ran into a unique constraint. */
export class UniqueConflict extends Error {
  override readonly name = "UniqueConflict";
  /** @param constraint the name of the constraint or index */
  constructor(readonly constraint: string) {
    super(`The row would break the unique constraint ${constraint}`);
  }
}

/**
 * What attempts can be found by: `open` are those running, unknown, contradictory or with an open cancel; `full`, `reduced` and
 * `returned` the approved ones with all, some or nothing of the price remaining; `not_sent` also those that an operator
 * settled as not moved; the others are those in this very state.
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

export interface OrderPosition {
  readonly orderId: string;
  /** Rises with every attempt of any order. */
  readonly position: number;
}

/** When accounts were due, or made, that are asked for. */
export interface OverdueLimits {
  readonly dueSince: Date;
  readonly dueBefore: Date;
  readonly madeSince: Date;
  readonly madeBefore: Date;
}

export interface DueCall extends DuePlace {
  readonly orderId: string;
}

export interface StaleCall extends SilentCall {
  readonly orderId: string;
}

/**
 * What a restored backup, or another server that took over, differs in: either may have lost rows that were durable. A
 * text that means nothing but equal or not.
 */
export interface DatabaseReading {
  /** Which database answers, and which one was accepted last. */
  compare(): Promise<ComparedDatabase>;
}

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

/** The database that answers, beside the one that was accepted last. */
export interface ComparedDatabase {
  /** The database that answers. */
  readonly identity: string;
  /** The newest entry about what was accepted. */
  readonly accepted: AcceptedDatabase;
  /** Whether `accepted` is the entry that was written when the tables were made: the database was never changed. */
  readonly isFirst: boolean;
}
