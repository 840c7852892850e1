import type { PayApi } from "../client.js";
import { problemsError } from "../errors.js";
import { type OptionNames, optionProblems } from "../option-names.js";
import type { CancelRequest, PaymentLedger, ReservedApproval, ReservedCancel } from "../store/index.js";
import {
  authorizeCard,
  type CardPaymentRequest,
  type ChargeRefusal,
  type ChargeRequest,
  charge,
} from "./authorize.js";
import { type ChangeKeyRequest, deleteKey, type IssueKeyRequest, issueKey } from "./billing-keys.js";
import { type ConfirmRejectionRequest, cancel, confirmRejection } from "./cancel.js";
import { approveHosted, type HostedApprovalRequest, type HostedApprovalResult } from "./hosted-payment.js";
import type { KeyDeletionResult, KeyResult, PaymentResult } from "./results.js";

/** The options of {@link createPayments}. */
export interface PaymentsOptions {
  /** The client of the gateway. */
  readonly payapi: PayApi;
  /** The ledger that stores payments, from `openLedger`. */
  readonly ledger: PaymentLedger;
}

/**
 * All calls that move money or issue billing keys. Each method reserves the call in the ledger, marks it as sending, sends it once and
 * settles it with its outcome.
 *
 * A method resolves for every answer of the gateway, also a refusal: read `status`, then `order` or `outcome`. It rejects only if
 * nothing was sent: with a PayApiError `invalid-input` for an invalid request, or with the ledger's error if reserving failed.
 */
export interface Payments {
  /** Pays an order with a keyed-in card. */
  authorizeCard(request: CardPaymentRequest): Promise<PaymentResult<ReservedApproval>>;
  /** Pays an order with a billing key, such as the next month of a subscription. An order is charged at most once. */
  charge(request: ChargeRequest): Promise<PaymentResult<ReservedApproval, ChargeRefusal>>;
  /**
   * Approves a payment that the buyer authenticated on the hosted payment page. If the outcome is unknown, it sends a net cancel; if
   * that fails too, the order stays locked.
   */
  approveHosted(request: HostedApprovalRequest): Promise<HostedApprovalResult>;
  /** Cancels all that remains of a payment, or a part of it. */
  cancel(request: Pick<CancelRequest, "orderId" | "part" | "actor">): Promise<PaymentResult<ReservedCancel>>;
  /** Undoes an approval of the hosted payment page whose outcome is unknown. */
  netCancel(request: Pick<CancelRequest, "orderId" | "actor">): Promise<PaymentResult<ReservedCancel>>;
  /** Accepts the rejection of an escrow purchase, which refunds the buyer. */
  confirmRejection(request: ConfirmRejectionRequest): Promise<PaymentResult<ReservedCancel>>;
  /** Issues a billing key for a card. No money moves. */
  issueKey(request: IssueKeyRequest): Promise<KeyResult>;
  /** Replaces the card of a billing key, which keeps its id, and deletes the old key at the gateway. */
  changeKey(request: ChangeKeyRequest): Promise<KeyResult>;
  /** Stops a billing key permanently and deletes it at the gateway; repeats a failed deletion. */
  deleteKey(id: string): Promise<KeyDeletionResult>;
  /** Repeats the deletion of one stopped key by its call's id; also of a key that was replaced. */
  retryKeyDeletion(callId: string): Promise<KeyDeletionResult>;
}

const optionNames = { payapi: true, ledger: true } satisfies OptionNames<PaymentsOptions>;

/**
 * Creates the payments for the merchant's own code, such as a subscription worker. The HTTP handler creates its own.
 *
 * @example
 * ```ts
 * const payments = createPayments({ payapi, ledger });
 * const result = await payments.charge({
 *   order: { id: "subscription-7-2026-12", price: 9_900, buyerName: "홍길동" },
 *   billingKey: "5f0c…",
 * });
 * if (result.status === "settled" && result.order.status === "paid") extendSubscription();
 * ```
 *
 * @throws PayApiError `invalid-config`
 */
export function createPayments(options: PaymentsOptions): Payments {
  const documented = "the type PaymentsOptions of @payapi/core";
  const problems = optionProblems(options, { names: optionNames, documented });
  if (problems.length > 0) throw problemsError("invalid-config", problems);
  const { payapi } = options;
  const { store } = options.ledger;
  return Object.freeze<Payments>({
    authorizeCard: async (request) => authorizeCard(payapi, store, request),
    charge: async (request) => charge(payapi, store, request),
    approveHosted: async (request) => approveHosted(payapi, store, request),
    cancel: async ({ orderId, part, actor }) =>
      cancel(payapi, store, { orderId, ...(part && { part }), ...(actor !== undefined && { actor }) }),
    netCancel: async ({ orderId, actor }) =>
      cancel(payapi, store, { orderId, netCancel: true, ...(actor !== undefined && { actor }) }),
    confirmRejection: async (request) => confirmRejection(payapi, store, request),
    issueKey: async ({ customerId, card }) => issueKey(payapi, store, { customerId }, card),
    changeKey: async ({ id, customerId, card }) =>
      issueKey(payapi, store, { customerId, replaces: id }, card),
    deleteKey: (id) => deleteKey(payapi, store, async () => store.reserveKeyDeletion(id)),
    retryKeyDeletion: (callId) => deleteKey(payapi, store, async () => store.reserveKeyDeletionRetry(callId)),
  });
}
