import { operations } from "../../operations/index.js";
import type { KeyCard } from "../../payments/billing-keys.js";
import type { KeyDeletionResult, KeyResult } from "../../payments/results.js";
import type { BillingKey } from "../../store/index.js";
import { fieldsOf, pick } from "../body-fields.js";
import { errorName, fromLedger } from "../from-ledger.js";
import type { Log } from "../log.js";
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
  if (outcome.outcome === "refused") throw shopFault(outcome.code) ?? new HandlerProblem("declined");
  if (outcome.outcome === "not-sent") {
    throw wasStoppedByLedger(outcome) ? ledgerUnavailable() : new HandlerProblem("not-sent");
  }
  if (result.status === "settled" && result.kept) return result.key;
  const about = { keyId: call.id, ...outcome };
  if (result.status === "settled") {
    logger.warn(
      about,
      "A billing key was not stored: the outcome of its issue is unknown, or its success came too late.",
    );
  } else {
    const message = "Failed to store an issued billing key; an unusable key may exist at the gateway.";
    logger.error({ ...about, error: errorName(result.error) }, message);
  }
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

/** The key is already stopped: a failed deletion at the gateway concerns an operator, not the buyer. */
function logDeletion(result: KeyDeletionResult, logger: Log): void {
  if (result.status === "not-reserved") return;
  if (result.status === "settled" && result.outcome.outcome === "succeeded") return;
  const { call, outcome } = result;
  logger.warn({ keyId: call.id, ...outcome }, "A stopped billing key may still exist at the gateway.");
}

function viewKey({ id, kind, state, issuedAt }: BillingKey): BillingKeyView {
  return { id, kind, state, ...(issuedAt && { issuedAt: issuedAt.toISOString() }) };
}
