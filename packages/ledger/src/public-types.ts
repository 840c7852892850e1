import type { CallOutcome, FullPaymentStore, OrderPayment, OrderStatus } from "@payapi/core";
import type { DatabaseState, DatabaseWord } from "./commands/accepted-database.js";
import type { BillingKeyExtras } from "./commands/keys/keys.js";
import type { NotificationExtras } from "./commands/notifications.js";
import type { OperatorFinding, OperatorSettlement } from "./domain/resolution.js";
import type { AttentionWord, ClosedAttention } from "./domain/review.js";
import type { ApprovalState, CancelState, TransitionKind } from "./domain/rows.js";
import type { ConsumerStatus, DeadLetter, DeadLetterOptions, EventConsumer } from "./outbox/consumers.js";
import type { JournaledCall, RecoverOptions, Recovery } from "./recovery/recover.js";
import type { Worker, WorkerOptions, WorkerRun } from "./recovery/worker.js";
import type { OverdueAccount, OverdueOptions } from "./reports/payments.js";

/** Remembers payments so that no order is charged twice and no payment is lost. */
export interface Ledger extends FullPaymentStore, BillingKeyExtras, NotificationExtras {
  /** Orders by their newest attempt, newest first. */
  listPayments(options?: ListOptions): Promise<readonly ListedPayment[]>;
  /** Everything that ever happened to an order's payment, in order. Empty if no payment was ever tried. */
  timeline(orderId: string): Promise<readonly TimelineLine[]>;
  /** Every call whose money nobody knows, or that went otherwise than asked and nobody dealt with; the oldest first. */
  unknowns(): Promise<readonly UnknownCall[]>;
  /**
   * Virtual accounts that should have been paid by now; the longest due first. Whatever buyers never paid stays among them: say since when
   * they were due.
   */
  overdueAccounts(options?: OverdueOptions): Promise<readonly OverdueAccount[]>;
  /**
   * Tells the database what is in the journal. Ends calls whose process fell silent: reserved ones become not-sent, sent ones unknown; and removes counters and
   * answers whose time is over. If the ledger was given the whole `PayApi`, it also ends at the gateway what can be ended there: it
   * network-cancels unknown approvals of the payment page, repeats unknown full cancels identically (at most 3 times), and
   * deletes stopped billing keys. Safe to run at any time, from any number of processes; run it at start and every minute.
   *
   * While the database is not accepted, reserved calls stay as they are and the gateway is not called. Calls that were reserved before it
   * was accepted become unknown: whether they were sent may be among what it lost.
   *
   * Whatever cannot be ended stays for the next run and does not keep it from the rest: only then it rejects, with the first failure.
   *
   * @throws LedgerError `not-replayed` when something in the journal could not be told to the database: see `journaled()`
   */
  recover(options?: RecoverOptions): Promise<Recovery>;
  /**
   * Recovers every minute, and delivers events to handlers as they come, until it is stopped or the ledger closed.
   *
   * @throws LedgerError `closing` once `close()` was called
   */
  startWorker(options: WorkerOptions): Worker;
  /** Recovers and delivers whatever is due, once: for cron and serverless. */
  runOnce(consumer: EventConsumer): Promise<WorkerRun>;
  /** Events that a consumer failed to take ten times; the oldest first. */
  deadLetters(options?: DeadLetterOptions): Promise<readonly DeadLetter[]>;
  /** Delivers a dead letter once more, to one consumer or to all that failed to take it; says to how many. */
  redeliver(eventId: string, options?: Pick<DeadLetterOptions, "consumer">): Promise<number>;
  /** Every consumer by name, and how far it is. Its cost does not grow with what waits. */
  consumers(): Promise<readonly ConsumerStatus[]>;
  /**
   * Forgets a consumer, and what waits for it; `false` if there is none. Stop its workers first: one that still runs tells its
   * `onError` so (`consumer-removed`) and delivers nothing more, and one that starts later begins anew. If it fails in the middle,
   * nothing is delivered and nothing begins anew until it was called again.
   *
   * @throws LedgerError `invalid-argument`
   */
  removeConsumer(name: string): Promise<boolean>;
  /**
   * Ends the unknown call of an order, an approval or its open cancel, with what an operator found out about it in the
   * gateway's console. A fact that contradicts it later makes the order need attention.
   *
   * @throws LedgerError `invalid-argument`
   */
  settleByOperator(orderId: string, finding: OperatorFinding): Promise<OperatorSettlement>;
  /**
   * Says that somebody dealt with an order that needs attention: `unknowns()` lists it no more, until something new is heard of
   * it. Its status and the books stay as they are, and nothing is charged or cancelled for it any more.
   *
   * @throws LedgerError `invalid-argument`
   */
  closeAttention(orderId: string, word: AttentionWord): Promise<ClosedAttention>;
  /**
   * What the journal keeps since the database could not be told. Normally nothing: `recover()` tells it. What stays is for an
   * operator, and `recover()` rejects until it is gone: the call is not in this database, the database refuses what it says, or the
   * file cannot be read. Empty without a journal.
   */
  journaled(): Promise<readonly JournaledCall[]>;
  /**
   * Whether the database is the one that was accepted last. Until it is, every reservation and every link is refused with
   * `database-changed`, and no call is sent.
   */
  database(): Promise<DatabaseState>;
  /**
   * Says that the database may be used for money although it was restored, or another server took over: somebody compared it with
   * the gateway's console. Kept for ever.
   *
   * @throws LedgerError `database-changed` when it is another by now than the one that was `seen`, `invalid-argument`
   */
  acceptDatabase(word: DatabaseWord): Promise<DatabaseState>;
  /** The order's money as the double entry has it. All zero if none ever moved. */
  balance(orderId: string): Promise<Balance>;
  /**
   * Stops its workers, refuses new reservations with `closing`, waits for the calls that this process has reserved and not yet
   * settled (at most `closeTimeoutMs`), and lets go of the database. A pool that was passed in stays open. A handler of an event
   * that awaits it waits for itself, until `closeTimeoutMs` have passed: inside one, call it and go on.
   */
  close(): Promise<void>;
}

export interface ListOptions {
  /** At most this many, 50; at most 500. */
  readonly limit?: number;
  /** The `position` of the last payment of the page before. */
  readonly before?: number;
  /** Only orders in this state. */
  readonly status?: OrderStatus;
}

/** An order's payment in a list. */
export interface ListedPayment extends OrderPayment {
  /** Where the payment stands in the list: rises with every attempt of any order. */
  readonly position: number;
  /** The gateway's order number of the attempt that counts. */
  readonly oid: string;
  readonly payType: string;
  readonly attempts: number;
  /** When the attempt that counts was reserved. */
  readonly createdAt: Date;
}

/** One line of an order's history. */
export interface TimelineLine {
  readonly at: Date;
  /**
   * `…-contradiction`: a later report that did not fit the state, and changed nothing but the alarm. `notification`: one that
   * fits no state, with its reason as `failureCode`. `reversal`: a deposit was taken back.
   */
  readonly what: TransitionKind;
  /** The call it is about: several attempts and cancels of an order share a timeline. */
  readonly callId: string;
  /** Missing on the first line of a call. */
  readonly from?: ApprovalState | CancelState;
  readonly to: ApprovalState | CancelState;
  /**
   * Who asked for a cancel, settled an unknown call or dealt with the order; `recovery` when `recover()` ended the call, `notification` when the gateway
   * told so by itself.
   */
  readonly actor?: string;
  /** What an operator who settled the call saw it in; or, where nothing moved, how somebody dealt with the order. */
  readonly evidence?: string;
  readonly outcome?: CallOutcome["outcome"];
  /** Won: what the reply says, otherwise what was asked. */
  readonly price?: number;
  readonly tid?: string;
  readonly failureCode?: string;
  readonly resultCode?: string;
  readonly resultMessage?: string;
}

/** A call for an operator to look into. */
export interface UnknownCall {
  readonly orderId: string;
  readonly kind: "approval" | "cancel";
  readonly state: ApprovalState | CancelState;
  /** `true` if a later report contradicted the record; the timeline says how. */
  readonly contradicted: boolean;
  /** Since when nobody knows: when it was sent, or when the contradiction arrived. */
  readonly since: Date;
  /** What to search the gateway's console for. */
  readonly oid: string;
  /** The transaction, or that of the authentication on the payment page. */
  readonly tid?: string;
  /** Won asked for by this call. */
  readonly price: number;
  readonly order: OrderPayment;
}

/** An order's money in won; `gateway` is always the sum of the other two. */
export interface Balance {
  /** What the gateway took from the buyer and has not given back, as far as it is known. */
  readonly gateway: number;
  /** The part of it that is as asked: what remains paid. */
  readonly paid: number;
  /** The part that moved otherwise than asked, for an operator. */
  readonly unexplained: number;
}
