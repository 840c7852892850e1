import { attemptCounters } from "./attempts/count-attempts.js";
import { billingKeyMethods } from "./billing-keys/billing-key-methods.js";
import { createKeyVault } from "./billing-keys/key-vault.js";
import { secretBytes } from "./billing-keys/secrets.js";
import type { LedgerContext } from "./context.js";
import { markSending } from "./mark-sending.js";
import { notificationMethods } from "./notifications/notification-methods.js";
import { checkMerchant, type LedgerMerchant, type LedgerOptions, processTimers, timesOf } from "./options.js";
import { pageMethods } from "./payment-page/page-methods.js";
import type { Ledger } from "./public-types.js";
import { recover } from "./recover.js";
import { balance, findOrder, listPayments, timeline, unknowns } from "./reports.js";
import { requestMemory } from "./requests/remember-requests.js";
import { reserveApproval, reserveCancel } from "./reserve.js";
import { settle } from "./settle.js";
import { settleByOperator } from "./settle-by-operator.js";
import type { LedgerStore } from "./store.js";

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
  options: LedgerOptions = {},
): Ledger {
  checkMerchant(payapi);
  const context: LedgerContext = {
    store,
    mid: payapi.mid,
    times: timesOf(options),
    timers: options.timers ?? processTimers,
    vault: options.secrets === undefined ? store.vault : createKeyVault(secretBytes(options.secrets)),
    now: (tx) => options.clock?.() ?? tx.startedAt,
  };
  return {
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
    listPayments: (list) => listPayments(context, list),
    timeline: (orderId) => timeline(context, orderId),
    unknowns: () => unknowns(context),
    recover: () => recover(context),
    settleByOperator: async (orderId, finding) => settleByOperator(context, orderId, finding),
    balance: (orderId) => balance(context, orderId),
    close: () => store.close(),
  };
}
