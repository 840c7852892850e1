import type { FullPaymentStore } from "@payapi/core";
import type { DatabaseState, DatabaseWord } from "./commands/accepted-database.js";
import { acceptDatabase, databaseState } from "./commands/accepted-database.js";
import { countCalls } from "./commands/calls-in-flight.js";
import { findOrder } from "./commands/change-order.js";
import type { LedgerContext, LedgerGateway } from "./commands/context.js";
import {
  reserveKeyDeletion,
  reserveKeyDeletionRetry,
  settleKeyDeletion,
} from "./commands/keys/delete-key.js";
import { importBillingKey, markKeySending, reserveKey, settleKey } from "./commands/keys/issue-key.js";
import type { BillingKeyExtras } from "./commands/keys/keys.js";
import { whyNoKeys } from "./commands/keys/keys.js";
import { closeOrphanKey } from "./commands/keys/recover-keys.js";
import { rotateSecrets, secretBytes } from "./commands/keys/secrets.js";
import { pageMethods } from "./commands/links.js";
import type { NotificationExtras } from "./commands/notifications.js";
import { findNotified, receiveNotification, releaseNotification } from "./commands/notifications.js";
import { attemptCounters, requestMemory } from "./commands/request-guards.js";
import { markSending, reserveApproval, reserveCancel } from "./commands/reserve.js";
import { closeAttention, settleByOperator } from "./commands/resolve.js";
import { settle } from "./commands/settle.js";
import type { OperatorFinding } from "./domain/facts.js";
import type { AttentionWord, ClosedAttention, OperatorSettlement } from "./domain/resolution.js";
import { warner } from "./errors.js";
import {
  alreadyCancelledCodesOf,
  checkMerchant,
  checkOptionNames,
  type LedgerMerchant,
  type LedgerOptions,
  ledgerOptionNames,
  processTimers,
  timesOf,
} from "./options.js";
import type { ConsumerStatus, DeadLetter, DeadLetterOptions, EventConsumer } from "./outbox/consumers.js";
import { consumers, deadLetters, redeliver, removeConsumer } from "./outbox/consumers.js";
import type { JournaledCall, RecoverOptions, Recovery } from "./recovery/recover.js";
import { journaledCalls, recover, replayJournal } from "./recovery/recover.js";
import type { WorkerOptions, WorkerRun } from "./recovery/worker.js";
import { runOnce, startWorker, type Worker } from "./recovery/worker.js";
import type { OverdueAccount, OverdueOptions } from "./reports/lists.js";
import {
  billingKeys,
  findKey,
  keySecrets,
  keyTimeline,
  listNotifications,
  orphanKeys,
  overdueAccounts,
  revealKey,
} from "./reports/lists.js";
import type { Balance, ListedPayment, ListOptions, TimelineLine, UnknownCall } from "./reports/payments.js";
import { balance, listPayments, timeline, unknowns } from "./reports/payments.js";
import type { Journal } from "./store/journal.js";
import { createKeyVault } from "./store/key-rows.js";
import type { LedgerStore } from "./store/port.js";

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

/** As for `openLedger`, with the journal already open. */
export interface CreateLedgerOptions extends LedgerOptions {
  readonly journal?: Journal;
}

export function contextOf(
  payapi: LedgerMerchant,
  store: LedgerStore,
  { journal, ...options }: CreateLedgerOptions,
): LedgerContext {
  checkMerchant(payapi);
  const timers = options.timers ?? processTimers;
  return {
    store,
    mid: payapi.mid,
    times: timesOf(options, payapi),
    timers,
    comparesClocks: options.clock === undefined || options.timers !== undefined,
    warn: warner(options.onWarning, timers.monotonic),
    vault: options.secrets === undefined ? store.vault : createKeyVault(secretBytes(options.secrets)),
    journal,
    gateway: gatewayOf(payapi),
    alreadyCancelledCodes: alreadyCancelledCodesOf(options),
    now: (read) => options.clock?.() ?? read.now,
  };
}

/**
 * The exactly-once rules over any store. Each rule has a file of its own; what all of them rely on:
 *
 * - a call is reserved before it is sent, and the store's unique constraints decide who may reserve;
 * - every change of state is guarded by the state it starts from, and leaves a line in the timeline with it;
 * - what nobody knows stays locked until a fact arrives.
 */
export function createLedger(
  payapi: LedgerMerchant,
  store: LedgerStore,
  options: CreateLedgerOptions = {},
): Ledger {
  checkOptionNames(options, { ...ledgerOptionNames, journal: true });
  const context = contextOf(payapi, store, options);
  const paymentStore = {
    ...attemptCounters(context),
    ...requestMemory(context),
    whyNoKeys: () => whyNoKeys(context),
    reserveKey: async (request) => reserveKey(context, request),
    markKeySending: async (call) => markKeySending(context, call),
    settleKey: async (call, outcome) => settleKey(context, call, outcome),
    findKey: async (id) => findKey(context, id),
    revealKey: async (id) => revealKey(context, id),
    reserveKeyDeletion: async (id) => reserveKeyDeletion(context, id),
    settleKeyDeletion: async (call, outcome) => settleKeyDeletion(context, call, outcome),
    billingKeys: async (owner) => billingKeys(context, owner),
    importBillingKey: async (key) => importBillingKey(context, key),
    keyTimeline: async (id) => keyTimeline(context, id),
    orphanKeys: async (list) => orphanKeys(context, list),
    reserveKeyDeletionRetry: async (callId) => reserveKeyDeletionRetry(context, callId),
    closeOrphanKey: async (callId, word) => closeOrphanKey(context, callId, word),
    rotateSecrets: async () => rotateSecrets(context),
    keySecrets: () => keySecrets(context),
    ...pageMethods(context),
    receiveNotification: async (received) => receiveNotification(context, received),
    findNotified: async (notification) => findNotified(context, notification),
    notifications: async (list) => listNotifications(context, list),
    releaseNotification: async (id, word) => releaseNotification(context, id, word),
    reserveApproval: async (request) => reserveApproval(context, request),
    reserveCancel: async (request) => reserveCancel(context, request),
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
  } satisfies FullPaymentStore & Partial<Ledger>;
  const calls = countCalls(paymentStore);
  const workers = new Set<Worker>();
  let closed: Promise<void> | undefined;
  const close = async () => {
    await calls.drain(context.times.closeTimeoutMs, () =>
      Promise.all([...workers].map((worker) => worker.stop())),
    );
    await store.close();
  };
  const recoverOnce = async (mayGoOn: () => boolean = () => true) => {
    // A fact comes before what recovery would assume without it.
    const errors = await replayJournal(context);
    return recover(context, { errors, mayGoOn: () => !calls.isClosing() && mayGoOn() });
  };
  const recoverNow = (mayGoOn?: () => boolean) => calls.during(() => recoverOnce(mayGoOn));
  return {
    ...paymentStore,
    ...calls.store,
    listPayments: (list) => listPayments(context, list),
    timeline: (orderId) => timeline(context, orderId),
    unknowns: () => unknowns(context),
    journaled: () => journaledCalls(context),
    database: () => databaseState(context),
    acceptDatabase: async (word) => acceptDatabase(context, word),
    overdueAccounts: (options) => overdueAccounts(context, options),
    recover: ({ signal } = {}) => recoverNow(() => signal?.aborted !== true),
    runOnce: (consumer) => calls.during(() => runOnce(context, consumer, recoverOnce)),
    startWorker(worker) {
      calls.refuseWhenClosing();
      const started = startWorker(context, worker, recoverNow);
      workers.add(started);
      return {
        async stop() {
          await started.stop();
          workers.delete(started);
        },
      };
    },
    deadLetters: async (list) => deadLetters(context, list),
    redeliver: async (eventId, among) => redeliver(context, eventId, among),
    consumers: () => consumers(context),
    removeConsumer: (name) => removeConsumer(context, name),
    settleByOperator: async (orderId, finding) => settleByOperator(context, orderId, finding),
    closeAttention: async (orderId, word) => closeAttention(context, orderId, word),
    balance: (orderId) => balance(context, orderId),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

function gatewayOf({ payments, billing }: LedgerMerchant): LedgerGateway | undefined {
  return payments === undefined || billing === undefined ? undefined : { payments, billing };
}
