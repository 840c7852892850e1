import type { LedgerContext } from "./context.js";
import { awaitDeposit } from "./keep-account.js";
import { closeLink, findLink, openLink, settleLink } from "./links.js";
import { listNotifications } from "./list-notifications.js";
import { markSending } from "./mark-sending.js";
import { checkMerchant, type LedgerMerchant, type LedgerOptions, timesOf } from "./options.js";
import type { Ledger } from "./public-types.js";
import { receiveNotification } from "./receive-notification.js";
import { recover } from "./recover.js";
import { balance, findOrder, listPayments, timeline, unknowns } from "./reports.js";
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
    now: (tx) => options.clock?.() ?? tx.startedAt,
  };
  return {
    reserveApproval: async (request) => reserveApproval(context, request),
    reserveCancel: async (request) => reserveCancel(context, request),
    markSending: (call) => markSending(context, call),
    settle: (call, outcome) => settle(context, call, outcome),
    findOrder: (orderId) => findOrder(context, orderId),
    openLink: async (request) => openLink(context, request),
    settleLink: async (token, url) => settleLink(context, token, url),
    findLink: (token) => findLink(context, token),
    closeLink: (token) => closeLink(context, token),
    awaitDeposit: (account) => awaitDeposit(context, account),
    receiveNotification: (received) => receiveNotification(context, received),
    notifications: (list) => listNotifications(context, list),
    listPayments: (list) => listPayments(context, list),
    timeline: (orderId) => timeline(context, orderId),
    unknowns: () => unknowns(context),
    recover: () => recover(context),
    settleByOperator: async (orderId, finding) => settleByOperator(context, orderId, finding),
    balance: (orderId) => balance(context, orderId),
    close: () => store.close(),
  };
}
