import type { ReservedCancel } from "@payapi/core";
import type { AttemptRows } from "./attempts/attempt-rows.js";
import type { KeyReading, KeyRows } from "./billing-keys/key-rows.js";
import type { KeyVault } from "./billing-keys/key-vault.js";
import type { Account, Posting, TransitionRow } from "./book-rows.js";
import type { DatabaseReading, DatabaseRows } from "./database-identity/database-rows.js";
import type { EventReading, EventRows } from "./events/event-rows.js";
import type { InboxReading, InboxRows } from "./notifications/inbox-rows.js";
import type { LinkReading, LinkRows } from "./payment-page/link-rows.js";
import type { RequestRows } from "./requests/request-rows.js";

export * from "./book-rows.js";

/**
 * What the exactly-once rules need from a database, and nothing more. A store knows no payment rules: it offers guarded
 * writes and unique constraints, and the rules in `ledger.ts` are written once on top of them.
 */
export interface LedgerStore {
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

/** What a store may know of a transaction before it begins. */
export interface TransactionOptions {
  /**
   * `work` calls `database.compare()` and never `database.accept()` (default: `false`). A store may then compare in the statement
   * that begins the transaction, which saves a round trip. It may also ignore this.
   */
  readonly comparesDatabase?: boolean;
}

/** Reading, on one snapshot. */
export interface LedgerReading {
  readonly links: LinkReading;
  readonly inbox: InboxReading;
  readonly keys: KeyReading;
  readonly database: DatabaseReading;
  readonly events: EventReading;
  /** The store's own clock. */
  readonly startedAt: Date;
  /** All attempts and cancels of these orders, attempts by number and cancels by sequence. */
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
  /** Unknown approvals without an open cancel or a contradiction that are due to be looked at for a network cancel. */
  dueNetworkCancels(mid: string, page: DuePage): Promise<readonly DueCall[]>;
  /** Orders with a virtual account that waits for a deposit: due within a time, or, if nobody knows when, made within another. */
  overdueOrders(mid: string, limits: OverdueLimits): Promise<readonly string[]>;
  /**
   * Orders with an unknown call, or one that has been sending past its deadline; and those with a contradictory one, unless the
   * newest line of their timeline has evidence and moves nothing: somebody dealt with them since.
   */
  unsettledOrders(mid: string, deadlineBefore: Date): Promise<readonly string[]>;
  transitions(mid: string, orderId: string): Promise<readonly TransitionRow[]>;
  /** The sum of each account of one order. */
  balance(mid: string, orderId: string): Promise<ReadonlyMap<Account, number>>;
}

/** The guarded writes. A guard that does not hold changes nothing and gives `undefined`. */
export interface LedgerTransaction extends LedgerReading {
  readonly links: LinkRows;
  readonly inbox: InboxRows;
  readonly attempts: AttemptRows;
  readonly requests: RequestRows;
  readonly keys: KeyRows;
  readonly database: DatabaseRows;
  readonly events: EventRows;
  /** All rows of one order, locked until the transaction ends: attempts first, then cancels. */
  lockOrder(mid: string, orderId: string): Promise<OrderRows>;
  /** Whether any attempt has it, as the transaction of its payment or of its authentication. */
  tidIsKnown(mid: string, tid: string): Promise<boolean>;
  /** The order of the newest attempt with this order number. */
  orderOfOid(mid: string, oid: string): Promise<string | undefined>;
  cancelTidIsKnown(mid: string, cancelTid: string): Promise<boolean>;
  /** `undefined` when a unique constraint stands in the way: another live attempt, the same number or oid. */
  insertApproval(row: NewApproval): Promise<ApprovalRow | undefined>;
  moveApproval(
    id: string,
    from: readonly ApprovalState[],
    change: ApprovalChange,
  ): Promise<ApprovalRow | undefined>;
  /** Keeps the fact that a reply contradicts the state, for ever; `false` if one did before. */
  markContradicted(approvalId: string, at: Date): Promise<boolean>;
  /** Takes `amount` out of what may be cancelled, if no cancel is open and that much remains. */
  holdForCancel(approvalId: string, cancelId: string, amount: number): Promise<ApprovalRow | undefined>;
  /** Gives an unknown approval of the payment page to the network cancel that may undo it, if none has it. */
  holdForNetworkCancel(approvalId: string, cancelId: string): Promise<ApprovalRow | undefined>;
  /** Keeps the account of an attempt, as far as it was not known. */
  completeAccount(approvalId: string, account: AccountFields): Promise<void>;
  /** Ends a hold: the amount is given back to what may be cancelled. */
  releaseHold(approvalId: string, cancelId: string): Promise<ApprovalRow | undefined>;
  /** Ends a hold: the amount is gone. */
  takeHold(approvalId: string, cancelId: string): Promise<ApprovalRow | undefined>;
  /** `undefined` when a unique constraint stands in the way: another open cancel, or the same sequence number. */
  insertCancel(row: NewCancel): Promise<CancelRow | undefined>;
  moveCancel(id: string, from: readonly CancelState[], change: CancelChange): Promise<CancelRow | undefined>;
  /**
   * Takes the right to repeat an unknown cancel once more: counts the repeat and puts the next one off until `until`. Of any
   * number of callers who saw as many `repeats`, one gets it, and none before it is due.
   */
  claimRepeat(
    id: string,
    seen: { readonly repeats: number; readonly now: Date; readonly until: Date },
  ): Promise<CancelRow | undefined>;
  addTransition(row: TransitionRow): Promise<void>;
  /** One posting; its amounts sum to zero. */
  post(posting: Posting): Promise<void>;
}

/** A write ran into a unique constraint. */
export class UniqueConflict extends Error {
  override readonly name = "UniqueConflict";
  /** @param constraint the name of the constraint or index */
  constructor(readonly constraint: string) {
    super(`The row would break the unique constraint ${constraint}`);
  }
}

/** The states of an approval. */
export const approvalStates = [
  "reserved",
  "sending",
  "approved",
  "approved_mismatch",
  "approved_no_tid",
  "conflict",
  "declined",
  "not_sent",
  "unknown",
  "settled_not_moved",
  "net_cancelled",
  "awaiting_deposit",
] as const;
export type ApprovalState = (typeof approvalStates)[number];

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

/** An order has at most one approval in one of these. */
export const liveApprovalStates = [
  "reserved",
  "sending",
  "unknown",
  "approved",
  "approved_mismatch",
  "approved_no_tid",
  "conflict",
] as const satisfies readonly ApprovalState[];

/** The states of a cancel. */
export const cancelStates = [
  "reserved",
  "sending",
  "done",
  "refused",
  "not_sent",
  "unknown",
  "drift",
  "settled_not_moved",
] as const;
export type CancelState = (typeof cancelStates)[number];

/** A payment has at most one cancel in one of these. */
export const openCancelStates = ["reserved", "sending", "unknown"] as const satisfies readonly CancelState[];

/**
 * Who said how a call ended: the process that made it, `recover()` after that process fell silent, an operator about
 * a call that nobody knew anything of, or the gateway in a notification.
 */
export type SettledBy = "call" | "recovery" | "operator" | "notification";

/** What is remembered of a reply, for approvals and cancels alike. */
export interface ReplyFacts {
  readonly resultCode: string | null;
  readonly resultMessage: string | null;
  readonly failureCode: string | null;
  /** Won, as the reply says. */
  readonly reportedPrice: number | null;
}

/** The virtual account that an attempt waits for. */
export interface AccountFields {
  readonly accountNumber: string | null;
  readonly accountBank: string | null;
  readonly accountHolder: string | null;
  readonly accountDueAt: Date | null;
}

/** One attempt to charge an order. */
export interface ApprovalRow extends ReplyFacts, AccountFields {
  readonly id: string;
  readonly mid: string;
  readonly orderId: string;
  readonly attemptNo: number;
  readonly oid: string;
  readonly payType: string;
  readonly price: number;
  readonly state: ApprovalState;
  readonly tid: string | null;
  /** The transaction of the authentication on the payment page, or of the virtual account. */
  readonly authTid: string | null;
  readonly applNum: string | null;
  readonly approvedAt: Date | null;
  /** Won paid and not cancelled; 0 until approved. */
  readonly remaining: number;
  /** Won of `remaining` that an open cancel has taken. */
  readonly held: number;
  readonly openCancel: string | null;
  readonly settledBy: SettledBy | null;
  readonly contradictedAt: Date | null;
  /**
   * When `recover()` looks whether a network cancel may undo it; `null` when never (any more). Only where to look: what may be
   * done follows from the rows.
   */
  readonly networkCancelAt: Date | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
}

export type NewApproval = Pick<
  ApprovalRow,
  "id" | "mid" | "orderId" | "attemptNo" | "oid" | "payType" | "price" | "createdAt"
> &
  Partial<Pick<ApprovalRow, "state" | "authTid" | keyof AccountFields>>;

export type ApprovalChange = { readonly state: ApprovalState } & Partial<
  Pick<
    ApprovalRow,
    | keyof ReplyFacts
    | "tid"
    | "applNum"
    | "approvedAt"
    | "remaining"
    | "held"
    | "networkCancelAt"
    | "settledBy"
    | "sendingAt"
    | "deadlineAt"
    | "settledAt"
  >
>;

/** One cancel of a payment. */
export interface CancelRow extends ReplyFacts {
  readonly id: string;
  readonly mid: string;
  readonly approvalId: string;
  readonly seq: number;
  readonly operation: ReservedCancel["operation"];
  /** Undoes an approval of the payment page, known or not, by the transaction of its authentication. */
  readonly network: boolean;
  readonly cancelPrice: number;
  /** Won that remain after it: computed once, when the amount was held. */
  readonly confirmPrice: number;
  readonly state: CancelState;
  readonly cancelTid: string | null;
  readonly actor: string | null;
  /** Won remaining, as the reply says. */
  readonly reportedRemaining: number | null;
  readonly cancelledAt: Date | null;
  /** How often it was repeated, identically, after its outcome was unknown; what surely was not sent is taken off again. */
  readonly repeats: number;
  /** When it may be repeated (again), or what it was repeated for is over; `null` when it is never repeated (any more). */
  readonly repeatAt: Date | null;
  readonly settledBy: SettledBy | null;
  readonly createdAt: Date;
  readonly sendingAt: Date | null;
  readonly deadlineAt: Date | null;
  readonly settledAt: Date | null;
}

export type NewCancel = Pick<
  CancelRow,
  "id" | "mid" | "approvalId" | "seq" | "operation" | "cancelPrice" | "confirmPrice" | "actor" | "createdAt"
> &
  Partial<Pick<CancelRow, "network">>;

export type CancelChange = { readonly state: CancelState } & Partial<
  Pick<
    CancelRow,
    | keyof ReplyFacts
    | "cancelTid"
    | "reportedRemaining"
    | "cancelledAt"
    | "repeats"
    | "repeatAt"
    | "settledBy"
    | "sendingAt"
    | "deadlineAt"
    | "settledAt"
  >
>;

/** Everything about some orders. */
export interface OrderRows {
  readonly approvals: readonly ApprovalRow[];
  readonly cancels: readonly CancelRow[];
}

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

/** How long a call may be silent; then one page of those that are, after the one with the id `after`. */
export interface SilenceLimits {
  readonly reservedBefore: Date;
  readonly deadlineBefore: Date;
  readonly limit: number;
  readonly after?: string | undefined;
}

/** A place in a list by when things are due, and then by id. */
export interface DuePlace {
  readonly at: Date;
  readonly id: string;
}

/** What is due by `now`, the longest due first: one page of it, after the place `after`. */
export interface DuePage {
  readonly now: Date;
  readonly limit: number;
  readonly after?: DuePlace | undefined;
}

export interface DueCall extends DuePlace {
  readonly orderId: string;
}

export interface StaleCall {
  readonly kind: "approval" | "cancel";
  readonly id: string;
  readonly orderId: string;
  readonly state: "reserved" | "sending";
}
