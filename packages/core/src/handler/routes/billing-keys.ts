import { errorName } from "../../log/log.js";
import { logDeletion, outcomeFields } from "../../log/log-outcome.js";
import { operations } from "../../operations/index.js";
import type { KeyCard } from "../../payments/billing-keys.js";
import type { KeyResult } from "../../payments/results.js";
import type { BillingKey } from "../../store/index.js";
import { fieldsOf, pick } from "../body-fields.js";
import { fromLedger } from "../from-ledger.js";
import type { BillingKeyView } from "../messages.js";
import { HandlerProblem } from "../problems.js";
import type { CustomerCall, JsonAnswer, KeyCall, Route, Services } from "../route.js";
import { shopFault } from "./gateway-problems.js";
import { ledgerUnavailable, usePayments, wasStoppedByLedger } from "./payment-answers.js";

// With birth date and PIN the issuer verifies the cardholder; the merchant's contract says which form is allowed.
const body = fieldsOf(
  operations.billing.issueKey,
  ["cardNumber", "cardExpireYY", "cardExpireMM", "registNo", "passwd", "buyerName", "buyerTel", "buyerEmail"],
  ["registNo", "passwd"],
);

const keys = { group: "billing-keys", answer: "BillingKey", success: 200 } as const;

export const issueBillingKey = {
  name: "issueBillingKey",
  ...keys,
  subject: "customer",
  method: "POST",
  path: "/billing-keys",
  action: "issue-key",
  summary: "Issues a billing key for a card of the requesting customer. No money moves.",
  body,
  success: 201,
  counts: "failures",
  run: ({ customerId, ...call }: CustomerCall) => issue(call, { customerId: customerId }, 201),
} as const satisfies Route;

export const changeBillingKey = {
  name: "changeBillingKey",
  ...keys,
  subject: "billing-key",
  method: "PUT",
  path: "/billing-keys/:keyId",
  action: "change-key",
  summary: "Replaces the card of a billing key, which keeps its id, and deletes the old key at the gateway.",
  body,
  counts: "failures",
  run: ({ billingKey, ...call }: KeyCall) =>
    issue(call, { customerId: billingKey.customerId, replaces: billingKey.id }, 200),
} as const satisfies Route;

export const showBillingKey = {
  name: "getBillingKey",
  ...keys,
  subject: "billing-key",
  method: "GET",
  path: "/billing-keys/:keyId",
  action: "view-key",
  summary: "Returns the state of a billing key.",
  body: [],
  run: async ({ billingKey }: KeyCall) => ({ status: 200, body: viewKey(billingKey) }),
} as const satisfies Route;

export const deleteBillingKey = {
  name: "deleteBillingKey",
  ...keys,
  subject: "billing-key",
  method: "DELETE",
  path: "/billing-keys/:keyId",
  action: "delete-key",
  summary: "Deletes a billing key here and at the gateway.",
  body: [],
  run: stop,
} as const satisfies Route;

async function issue(
  { body: given, services }: Omit<CustomerCall, "customerId">,
  { customerId, replaces }: { customerId: string; replaces?: string },
  status: number,
): Promise<JsonAnswer<BillingKeyView>> {
  const card = pick(given, body) as unknown as KeyCard;
  const result = await usePayments(services, { customerId: customerId }, body, (payments) =>
    replaces === undefined
      ? payments.issueKey({ customerId, card })
      : payments.changeKey({ id: replaces, customerId, card }),
  );
  return { status, body: viewKey(issuedKey(result, services)) };
}

function issuedKey(result: KeyResult, { logger }: Services): BillingKey {
  if (result.status === "not-reserved") throw notReserved(result.reason);
  const { call, outcome } = result;
  if (result.status === "settled" && result.retired !== undefined) logDeletion(result.retired, logger);
  const about = { keyId: call.id, ...outcomeFields(outcome) };
  if (outcome.outcome === "refused") {
    const fault = shopFault(outcome.code);
    if (fault === undefined) logger.write("key-refused", about);
    throw fault ?? new HandlerProblem("declined");
  }
  if (outcome.outcome === "not-sent") {
    throw wasStoppedByLedger(outcome) ? ledgerUnavailable() : new HandlerProblem("not-sent");
  }
  if (result.status === "settled" && result.kept) return result.key;
  if (result.status === "settled") logger.write("key-unknown", about);
  else logger.write("key-not-recorded", { ...about, error: errorName(result.error) });
  throw new HandlerProblem("key-unknown");
}

function notReserved(reason: "no-such-key" | "in-progress"): HandlerProblem {
  return reason === "no-such-key"
    ? new HandlerProblem("key-not-active")
    : new HandlerProblem("in-progress", { headers: { "retry-after": "1" } });
}

async function stop({ billingKey, services }: KeyCall): Promise<JsonAnswer<BillingKeyView>> {
  const { ledger, logger } = services;
  const about = { keyId: billingKey.id };
  const result = await usePayments(services, about, [], (payments) => payments.deleteKey(billingKey.id));
  if (result.status === "settled" || result.status === "not-recorded") logDeletion(result, logger);
  else if (result.reason !== "already-deleted") throw notReserved(result.reason);
  const key =
    result.status === "settled"
      ? result.key
      : await fromLedger(logger, about, () => ledger.findKey(billingKey.id));
  return { status: 200, body: viewKey(key ?? billingKey) };
}

function viewKey({ id, kind, state, issuedAt }: BillingKey): BillingKeyView {
  return { id, kind, state, ...(issuedAt && { issuedAt: issuedAt.toISOString() }) };
}
