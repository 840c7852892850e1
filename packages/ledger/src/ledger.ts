import type { Environment, FullPaymentStore } from "@payapi/core";
import { logStoppedCalls } from "@payapi/core/internal";
import { databaseState } from "./commands/accepted-database.js";
import {
  closeOrphanKey,
  importBillingKey,
  markKeySending,
  reserveKey,
  reserveKeyDeletion,
  reserveKeyDeletionRetry,
  rotateSecrets,
  settleKey,
  settleKeyDeletion,
} from "./commands/billing-keys.js";
import { countCalls } from "./commands/calls-in-flight.js";
import { findOrder } from "./commands/change-order.js";
import type { LedgerContext, LedgerGateway } from "./commands/context.js";
import { type LedgerKeys, whyNoKeys } from "./commands/key-methods.js";
import { pageMethods } from "./commands/links.js";
import type { LedgerNotifications } from "./commands/notifications.js";
import { findNotified, receiveNotification, releaseNotification } from "./commands/notifications.js";
import {
  acceptDatabase,
  closeReview,
  compareTransactions,
  resolveByOperator,
} from "./commands/operator-statements.js";
import { idempotencyStore, rateLimitStore } from "./commands/request-guards.js";
import { markSending, reserveApproval, reserveCancel } from "./commands/reserve.js";
import { settle } from "./commands/settle.js";
import { type LedgerLog, ledgerLog } from "./errors.js";
import {
  alreadyCancelledCodesOf,
  checkMerchant,
  checkOptionNames,
  type LedgerMerchant,
  mayNetCancel,
  processTimers,
  type TimedLedgerOptions,
  timedOptionNames,
  timesOf,
} from "./options.js";
import { consumers, deadLetters, redeliver, removeConsumer } from "./outbox/consumers.js";
import type { LedgerEventQueues } from "./outbox/deliver-events.js";
import { journaledCalls, recover, replayJournal } from "./recovery/recover.js";
import type { LedgerOperations } from "./recovery/worker.js";
import { healthOf, runOnce, startWorker, type Worker } from "./recovery/worker.js";
import type { LedgerPayments } from "./reports/lists.js";
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
import { balance, callsInReview, listPayments, timeline } from "./reports/payments.js";
import type { Journal } from "./store/journal.js";
import { createKeyVault, secretBytes } from "./store/key-vault.js";
import type { LedgerStore } from "./store/port.js";

/** Stores payments durably, so that no order is charged twice and no payment is lost. */
export interface Ledger {
  /** The environment of all its payments, as in the client's configuration. */
  readonly environment: Environment;
  /** The payment store that the handler and `createPayments` use to reserve, mark and settle calls. */
  readonly store: FullPaymentStore;
  /** Reads payments, and takes what operators decide about them. */
  readonly payments: LedgerPayments;
  /** Reads and manages billing keys. */
  readonly keys: LedgerKeys;
  /** Lists notifications, and releases those in quarantine. */
  readonly notifications: LedgerNotifications;
  /** Shows and manages consumers, their queues and dead letters. */
  readonly events: LedgerEventQueues;
  /** Recovery, workers, the journal and the database. */
  readonly operations: LedgerOperations;
  /**
   * Closes the ledger: stops its workers, refuses new reservations with `closing`, waits up to `closeTimeoutMs` for calls that this process
   * reserved and has not settled, and closes its database connections. A pool that was passed in stays open. Do not await `close()` inside an
   * event handler: `close()` waits for that handler.
   */
  close(): Promise<void>;
}

/** Options of {@link createLedger}: those of `openLedger`, with an open journal. */
export interface CreateLedgerOptions extends TimedLedgerOptions {
  readonly journal?: Journal;
}

export function contextOf(
  payapi: LedgerMerchant,
  store: LedgerStore,
  { journal, ...options }: CreateLedgerOptions,
): LedgerContext {
  checkMerchant(payapi);
  const timers = options.timers ?? processTimers;
  const log = ledgerLog(options.logger, timers.monotonic);
  return {
    store,
    mid: payapi.mid,
    environment: payapi.environment,
    times: timesOf(options, payapi),
    timers,
    comparesClocks: options.clock === undefined || options.timers !== undefined,
    ...log,
    vault: options.secrets === undefined ? store.vault : createKeyVault(secretBytes(options.secrets)),
    journal,
    gateway: gatewayOf(payapi, log.warnings),
    alreadyCancelledCodes: alreadyCancelledCodesOf(options),
    mayNetCancel: mayNetCancel(options, payapi),
    now: (read) => options.clock?.() ?? read.now,
    clock: options.clock,
  };
}

/**
 * Creates a ledger over any store. Three rules hold everywhere:
 *
 * - a call is reserved before it is sent, and unique constraints of the store allow one reservation only;
 * - every change of state checks the state it starts from, and adds a transition to the timeline in the same transaction;
 * - an order whose outcome is unknown stays locked until a fact arrives.
 */
export function createLedger(
  payapi: LedgerMerchant,
  store: LedgerStore,
  options: CreateLedgerOptions = {},
): Ledger {
  checkOptionNames(options, { ...timedOptionNames, journal: true });
  return ledgerOf(contextOf(payapi, store, options));
}

/** The ledger of an open context. */
export function ledgerOf(context: LedgerContext): Ledger {
  const calls = countCalls({
    ...rateLimitStore(context),
    ...idempotencyStore(context),
    ...pageMethods(context),
    reserveApproval: async (request) => reserveApproval(context, request),
    reserveCancel: async (request) => reserveCancel(context, request),
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
    receiveNotification: async (received) => receiveNotification(context, received),
    findNotified: async (notification) => findNotified(context, notification),
    whyNoKeys: () => whyNoKeys(context),
    reserveKey: async (request) => reserveKey(context, request),
    markKeySending: async (call) => markKeySending(context, call),
    settleKey: async (call, outcome) => settleKey(context, call, outcome),
    findKey: async (id) => findKey(context, id),
    revealKey: async (id) => revealKey(context, id),
    reserveKeyDeletion: async (id) => reserveKeyDeletion(context, id),
    reserveKeyDeletionRetry: async (callId) => reserveKeyDeletionRetry(context, callId),
    settleKeyDeletion: async (call, outcome) => settleKeyDeletion(context, call, outcome),
  });
  const workers = new Set<Worker>();
  let closed: Promise<void> | undefined;
  const close = async () => {
    await calls.drain(context.times.closeTimeoutMs, () =>
      Promise.all([...workers].map((worker) => worker.stop())),
    );
    await context.store.close();
  };
  const recoverOnce = async (mayGoOn: () => boolean = () => true) => {
    // First the facts of the journal: recovery would assume `unknown` without them.
    const errors = await replayJournal(context);
    return recover(context, { errors, mayGoOn: () => !calls.isClosing() && mayGoOn() });
  };
  const recoverNow = (mayGoOn?: () => boolean) => calls.during(() => recoverOnce(mayGoOn));
  return {
    environment: context.environment,
    store: calls.store,
    payments: {
      find: async (orderId) => findOrder(context, orderId),
      list: async (list) => listPayments(context, list),
      timeline: async (orderId) => timeline(context, orderId),
      balance: async (orderId) => balance(context, orderId),
      needsReview: async () => callsInReview(context),
      overdueAccounts: async (list) => overdueAccounts(context, list),
      resolve: async (orderId, resolution) => resolveByOperator(context, orderId, resolution),
      closeReview: async (orderId, note) => closeReview(context, orderId, note),
    },
    keys: {
      list: async (customerId) => billingKeys(context, customerId),
      import: async (key) => importBillingKey(context, key),
      timeline: async (id) => keyTimeline(context, id),
      orphans: async (list) => orphanKeys(context, list),
      closeOrphan: async (callId, note) => closeOrphanKey(context, callId, note),
      rotateSecrets: async () => rotateSecrets(context),
      secrets: async () => keySecrets(context),
    },
    notifications: {
      list: async (list) => listNotifications(context, list),
      release: async (id, note) => releaseNotification(context, id, note),
    },
    events: {
      consumers: async () => consumers(context),
      removeConsumer: async (name) => removeConsumer(context, name),
      deadLetters: async (list) => deadLetters(context, list),
      redeliver: async (eventId, options) => redeliver(context, eventId, options),
    },
    operations: {
      recover: async ({ signal } = {}) => recoverNow(() => signal?.aborted !== true),
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
      runOnce: async (consumer) => calls.during(() => runOnce(context, consumer, recoverOnce)),
      journal: async () => journaledCalls(context),
      health: async () => (calls.isClosing() ? { canSend: false, reason: "closing" } : healthOf(context)),
      database: async () => databaseState(context),
      compareTransactions: async (transactions) => compareTransactions(context, transactions),
      acceptDatabase: async (acceptance) => acceptDatabase(context, acceptance),
    },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Nobody sees the answer to a call of the recovery, and with a wrong sign key every later call fails too. */
function gatewayOf(
  { payments, billing }: LedgerMerchant,
  warnings: LedgerLog["warnings"],
): LedgerGateway | undefined {
  return payments && billing && logStoppedCalls({ payments, billing }, warnings);
}
