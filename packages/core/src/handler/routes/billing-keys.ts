import { operations } from "../../operations/index.js";
import type { BillingKey, ReservedKey } from "../../record/index.js";
import { makeRecordedKey, makeRecordedKeyDeletion, type RecordedKey } from "../../record/recorded-key.js";
import { fieldsOf, pick } from "../body-fields.js";
import type { BillingKeyView } from "../messages.js";
import { HandlerProblem } from "../problems.js";
import type { AccountCall, JsonAnswer, KeyCall, Route, Services } from "../route.js";
import { checkForGateway } from "./check-for-gateway.js";
import { errorName, fromRecord } from "./money.js";

// With birth date and PIN the issuer checks whose card it is; which of the two is allowed is the merchant's contract.
const body = fieldsOf(
  operations.billing.issueKey,
  ["cardNumber", "cardExpireYY", "cardExpireMM", "registNo", "passwd", "buyerName", "buyerTel", "buyerEmail"],
  ["registNo", "passwd"],
);

const keys = { group: "billing-keys", answer: "BillingKey", success: 200 } as const;

export const issueBillingKey = {
  name: "issueBillingKey",
  ...keys,
  subject: "account",
  method: "POST",
  path: "/billing-keys",
  action: "issue-key",
  summary: "Issues a billing key for a card, for the account that asks. No money moves.",
  body,
  success: 201,
  counts: "failures",
  run: ({ account, ...call }: AccountCall) => issue(call, { owner: account }, 201),
} as const satisfies Route;

export const changeBillingKey = {
  name: "changeBillingKey",
  ...keys,
  subject: "billing-key",
  method: "PUT",
  path: "/billing-keys/:keyId",
  action: "change-key",
  summary:
    "Puts another card behind a billing key, under the same id, and deletes the old one at the gateway.",
  body,
  counts: "failures",
  run: ({ billingKey, ...call }: KeyCall) =>
    issue(call, { owner: billingKey.owner, replaces: billingKey.id }, 200),
} as const satisfies Route;

export const showBillingKey = {
  name: "getBillingKey",
  ...keys,
  subject: "billing-key",
  method: "GET",
  path: "/billing-keys/:keyId",
  action: "view-key",
  summary: "Says in which state a billing key is.",
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
  summary: "Stops a billing key for good, and deletes it at the gateway.",
  body: [],
  run: stop,
} as const satisfies Route;

async function issue(
  { body: given, services }: Omit<AccountCall, "account">,
  request: { owner: string; replaces?: string },
  status: number,
): Promise<JsonAnswer<BillingKeyView>> {
  const { payapi, record, logger } = services;
  const input = pick(given, body) as {
    cardNumber: string;
    cardExpireYY: string;
    cardExpireMM: string;
    buyerName: string;
    registNo?: string;
    passwd?: string;
  };
  const { registNo, passwd, ...card } = input;
  const authenticated = registNo !== undefined || passwd !== undefined;
  const operation = authenticated
    ? operations.billing.issueKey
    : operations.billing.issueKeyWithoutAuthentication;
  checkForGateway(operation, input, given, services, { account: request.owner });
  const reservation = await fromRecord(logger, { account: request.owner }, () => record.reserveKey(request));
  if (reservation.status === "refused") {
    throw reservation.reason === "no-such-key"
      ? new HandlerProblem("key-not-active")
      : new HandlerProblem("in-progress", { headers: { "retry-after": "1" } });
  }
  const made = await makeRecordedKey(record, reservation.call, (options) =>
    registNo !== undefined && passwd !== undefined
      ? payapi.billing.issueKey({ ...card, registNo, passwd }, options)
      : payapi.billing.issueKeyWithoutAuthentication(card, options),
  );
  const retired = made.settled?.retired;
  if (retired !== undefined) await deleteAtGateway(services, retired);
  return { status, body: viewKey(settledKey(made, reservation.call, services)) };
}

function settledKey(made: RecordedKey, call: ReservedKey, { logger }: Services): BillingKey {
  const { settled, settleError, ...facts } = made;
  if (made.outcome === "refused") throw new HandlerProblem("declined");
  if (made.outcome === "not-sent") throw new HandlerProblem("not-sent");
  // The yes may have come when the record had given it up and another key was there: then the new one is not kept.
  const kept = settled?.key.state === "active" && settled.retired?.callId !== call.callId;
  if (settled !== undefined && kept && made.outcome === "succeeded") return settled.key;
  const about = { keyId: call.id, ...facts };
  if (settled !== undefined) {
    logger.warn(about, "Nobody knows whether a billing key was issued, or it came too late; none is kept.");
  } else {
    logger.error(
      { ...about, error: errorName(settleError) },
      "An issued billing key could not be recorded; one may exist at the gateway that nobody can use.",
    );
  }
  throw new HandlerProblem("key-unknown");
}

async function stop({ billingKey, services }: KeyCall): Promise<JsonAnswer<BillingKeyView>> {
  const { record, logger } = services;
  const reservation = await fromRecord(logger, { keyId: billingKey.id }, () =>
    record.reserveKeyDeletion(billingKey.id),
  );
  if (reservation.status === "reserved") await deleteAtGateway(services, reservation.call);
  else if (reservation.reason === "no-such-key") throw new HandlerProblem("key-not-active");
  else if (reservation.reason === "in-progress") {
    throw new HandlerProblem("in-progress", { headers: { "retry-after": "1" } });
  }
  const key = await fromRecord(logger, { keyId: billingKey.id }, () => record.findKey(billingKey.id));
  return { status: 200, body: viewKey(key ?? billingKey) };
}

/** The key is stopped already; what the gateway still has of it is for an operator, and no concern of the buyer's. */
async function deleteAtGateway(
  { payapi, record, logger }: Services,
  call: Parameters<typeof makeRecordedKeyDeletion>[2],
): Promise<void> {
  const { outcome, key } = await makeRecordedKeyDeletion(payapi, record, call);
  if (outcome.outcome === "succeeded" && key !== undefined) return;
  const { billkey: _, ...facts } = outcome;
  logger.warn({ keyId: call.id, ...facts }, "A stopped billing key may still exist at the gateway.");
}

function viewKey({ id, kind, state, issuedAt }: BillingKey): BillingKeyView {
  return { id, kind, state, ...(issuedAt && { issuedAt: issuedAt.toISOString() }) };
}
