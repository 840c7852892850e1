import type { FullPaymentStore } from "@payapi/core";
import { acceptDatabase, databaseState } from "./commands/accept-database.js";
import { countCalls } from "./commands/calls-in-flight.js";
import type { LedgerContext } from "./commands/context.js";
import { requestMemory } from "./commands/idempotency.js";
import { billingKeyMethods } from "./commands/keys/billing-key-methods.js";
import { secretBytes } from "./commands/keys/secrets.js";
import { pageMethods } from "./commands/links.js";
import { markSending } from "./commands/mark-sending.js";
import { notificationMethods } from "./commands/notifications.js";
import { attemptCounters } from "./commands/rate-limits.js";
import { reserveApproval, reserveCancel } from "./commands/reserve.js";
import { closeAttention, settleByOperator } from "./commands/resolve.js";
import { settle } from "./commands/settle.js";
import { warner } from "./commands/warnings.js";
import { checkOptionNames, ledgerOptionNames } from "./option-names.js";
import {
  alreadyCancelledCodesOf,
  checkMerchant,
  type LedgerMerchant,
  type LedgerOptions,
  processTimers,
  timesOf,
} from "./options.js";
import { consumers, removeConsumer } from "./outbox/consumers.js";
import { deadLetters, redeliver } from "./outbox/dead-letters.js";
import type { Ledger } from "./public-types.js";
import type { Journal } from "./recovery/journal.js";
import { recover } from "./recovery/recover.js";
import type { LedgerGateway } from "./recovery/recover-at-gateway.js";
import { journaledCalls, replayJournal } from "./recovery/replay-journal.js";
import { runOnce, startWorker, type Worker } from "./recovery/worker.js";
import { overdueAccounts } from "./reports/overdue-accounts.js";
import { balance, findOrder, listPayments, timeline, unknowns } from "./reports/reports.js";
import { createKeyVault } from "./store/key-vault.js";
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
    ...billingKeyMethods(context),
    ...pageMethods(context),
    ...notificationMethods(context),
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
