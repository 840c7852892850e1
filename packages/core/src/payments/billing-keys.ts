import type { PayApi } from "../client.js";
import { isPayApiError } from "../errors.js";
import { type InputOf, operations } from "../operations/index.js";
import type {
  BillingKeyStore,
  KeyDeletionReservation,
  KeyOutcome,
  KeyRequest,
  ReservedKeyDeletion,
} from "../store/index.js";
import { checkInput } from "../wire/check-input.js";
import type { KeyDeletionResult, KeyFacts, KeyResult } from "./results.js";
import { sendMarked } from "./send-and-settle.js";

/** The card for a billing key. With `registNo` and `passwd` the issuer verifies the cardholder. */
export type KeyCard = InputOf<typeof operations.billing.issueKeyWithoutAuthentication> &
  Partial<Pick<InputOf<typeof operations.billing.issueKey>, "registNo" | "passwd">>;

/** A request for a billing key. */
export interface IssueKeyRequest {
  /** The customer who owns the key, as the merchant names it. */
  readonly customerId: string;
  readonly card: KeyCard;
}

/** A request to replace the card of a billing key. */
export interface ChangeKeyRequest extends IssueKeyRequest {
  /** The key's id; it does not change. */
  readonly id: string;
}

type DeletingStore = Pick<BillingKeyStore, "settleKeyDeletion">;

/** Issues a key. With `replaces` in the request, it replaces another key, which is then deleted at the gateway. */
export async function issueKey(
  payapi: Pick<PayApi, "environment" | "billing">,
  ledger: DeletingStore & Pick<BillingKeyStore, "reserveKey" | "markKeySending" | "settleKey">,
  request: KeyRequest,
  input: KeyCard,
): Promise<KeyResult> {
  const { registNo, passwd, ...card } = input;
  const { issueKey: authenticated, issueKeyWithoutAuthentication: plain } = operations.billing;
  const operation = registNo === undefined && passwd === undefined ? plain : authenticated;
  checkInput(operation, input, payapi.environment);
  const reservation = await ledger.reserveKey(request);
  if (reservation.status === "refused") return { ...reservation, status: "not-reserved" };
  const { call } = reservation;
  const { reply, isOurs } = await sendMarked(
    () => ledger.markKeySending(call),
    async (options) =>
      registNo !== undefined && passwd !== undefined
        ? payapi.billing.issueKey({ ...card, registNo, passwd }, options)
        : payapi.billing.issueKeyWithoutAuthentication(card, options),
  );
  const outcome: KeyOutcome =
    "error" in reply
      ? failed(reply.error, reply.marking)
      : { ...succeeded(reply.result), billkey: reply.result.billkey };
  const about = { call: { id: call.id, callId: call.callId }, outcome: withoutKey(outcome) };
  // Another process has the call and knows its outcome.
  if (!isOurs) return { ...about, status: "not-recorded", error: undefined };
  try {
    const { key, retired } = await ledger.settleKey(call, outcome);
    // A late success is not kept if the ledger gave the call up and the id already has another key.
    const kept = outcome.outcome === "succeeded" && key.state === "active" && retired?.callId !== call.callId;
    const settled = { ...about, status: "settled", key, kept } as const;
    return retired === undefined
      ? settled
      : { ...settled, retired: await deleteReserved(payapi, ledger, retired) };
  } catch (error) {
    return { ...about, status: "not-recorded", error };
  }
}

/** Reserves a deletion and sends it. The reservation stops the key, so a deletion may be repeated. */
export async function deleteKey(
  payapi: Pick<PayApi, "billing">,
  ledger: DeletingStore,
  reserve: () => Promise<KeyDeletionReservation>,
): Promise<KeyDeletionResult> {
  const reservation = await reserve();
  if (reservation.status === "refused") return { ...reservation, status: "not-reserved" };
  return deleteReserved(payapi, ledger, reservation.call);
}

/** Never rejects. */
async function deleteReserved(
  payapi: Pick<PayApi, "billing">,
  ledger: DeletingStore,
  call: ReservedKeyDeletion,
): Promise<Exclude<KeyDeletionResult, { status: "not-reserved" }>> {
  const about = { call: { id: call.id, callId: call.callId } };
  let outcome: KeyFacts;
  try {
    outcome = succeeded(await payapi.billing.deleteKey({ billkey: call.billkey }));
  } catch (error) {
    outcome = failed(error, true);
  }
  try {
    return { ...about, status: "settled", outcome, key: await ledger.settleKeyDeletion(call, outcome) };
  } catch (error) {
    return { ...about, status: "not-recorded", outcome, error };
  }
}

function succeeded(reply: { readonly resultCode: string; readonly resultMessage: string }): KeyFacts {
  return { outcome: "succeeded", resultCode: reply.resultCode, resultMessage: reply.resultMessage };
}

function failed(error: unknown, marking: boolean): KeyFacts {
  if (!isPayApiError(error)) return { outcome: marking ? "unknown" : "not-sent", code: "connection-lost" };
  const { outcome, code, resultCode, resultMessage } = error;
  return {
    outcome,
    code,
    ...(resultCode === undefined ? {} : { resultCode }),
    ...(resultMessage === undefined ? {} : { resultMessage }),
  };
}

function withoutKey({ billkey: _, ...facts }: KeyOutcome): KeyFacts {
  return facts;
}
