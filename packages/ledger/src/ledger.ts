import type { FullPaymentStore } from "@payapi/core";
import { acceptDatabase, databaseState } from "./commands/accepted-database.js";
import { countCalls } from "./commands/calls-in-flight.js";
import type { LedgerContext } from "./commands/context.js";
import {
  closeOrphanKey,
  reserveKeyDeletion,
  reserveKeyDeletionRetry,
  settleKeyDeletion,
} from "./commands/keys/delete-key.js";
import { importBillingKey, markKeySending, reserveKey, settleKey } from "./commands/keys/issue-key.js";
import { whyNoKeys } from "./commands/keys/keys.js";
import { rotateSecrets, secretBytes } from "./commands/keys/secrets.js";
import { pageMethods } from "./commands/links.js";
import { markSending } from "./commands/mark-sending.js";
import { findNotified, receiveNotification, releaseNotification } from "./commands/notifications.js";
import { attemptCounters, requestMemory } from "./commands/request-guards.js";
import { reserveApproval, reserveCancel } from "./commands/reserve.js";
import { closeAttention, settleByOperator } from "./commands/resolve.js";
import { settle } from "./commands/settle.js";
import { warner } from "./errors.js";
import { checkOptionNames, ledgerOptionNames } from "./option-names.js";
import {
  alreadyCancelledCodesOf,
  checkMerchant,
  type LedgerMerchant,
  type LedgerOptions,
  processTimers,
  timesOf,
} from "./options.js";
import { consumers, deadLetters, redeliver, removeConsumer } from "./outbox/consumers.js";
import type { Ledger } from "./public-types.js";
import { journaledCalls, recover, replayJournal } from "./recovery/recover.js";
import type { LedgerGateway } from "./recovery/recover-at-gateway.js";
import { runOnce, startWorker, type Worker } from "./recovery/worker.js";
import {
  billingKeys,
  findKey,
  keySecrets,
  keyTimeline,
  listNotifications,
  orphanKeys,
  revealKey,
} from "./reports/lists.js";
import { balance, findOrder, listPayments, overdueAccounts, timeline, unknowns } from "./reports/payments.js";
import type { Journal } from "./store/journal.js";
import { createKeyVault } from "./store/key-rows.js";
import type { LedgerStore } from "./store/port.js";

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
