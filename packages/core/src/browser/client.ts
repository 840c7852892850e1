import type { Answers, Bodies } from "../handler/messages.js";
import {
  type BuyerRequest,
  type ChangeOptions,
  type PayApiBrowserOptions,
  type ReadOptions,
  type ReadOrderOptions,
  sender,
} from "./send.js";

/**
 * The handler's buyer routes as typed calls. Each resolves with the JSON of a successful answer and rejects with a `PayApiProblem`.
 * The client repeats no call by itself.
 */
export interface PayApiBrowser {
  /** Charges the order's price to a keyed-in card, once. Resolves only when the order is paid. */
  approveCard(
    orderId: string,
    body: Bodies["approveCard"],
    options?: ChangeOptions,
  ): Promise<Answers["Order"]>;
  /** Returns a card's issuer, from the first six digits of its number. */
  lookupCardPrefix(
    orderId: string,
    body: Bodies["lookupCardPrefix"],
    options?: ReadOptions,
  ): Promise<Answers["CardIssuer"]>;
  /** Creates a link to the gateway's payment page, or returns the order's open one. Send the buyer to its `url`. */
  createPaymentLink(
    orderId: string,
    body: Bodies["createPaymentLink"],
    options?: ChangeOptions,
  ): Promise<Answers["PaymentLink"]>;
  /** Returns the payment status of an order. */
  getOrder(orderId: string, options?: ReadOrderOptions): Promise<Answers["Order"]>;
  /** Issues a billing key for a card of the requesting customer. No money moves. */
  issueBillingKey(body: Bodies["issueBillingKey"], options?: ChangeOptions): Promise<Answers["BillingKey"]>;
  /** Returns the state of a billing key. */
  getBillingKey(keyId: string, options?: ReadOptions): Promise<Answers["BillingKey"]>;
  /** Replaces the card of a billing key, which keeps its id. */
  changeBillingKey(
    keyId: string,
    body: Bodies["changeBillingKey"],
    options?: ChangeOptions,
  ): Promise<Answers["BillingKey"]>;
  /** Deletes a billing key. */
  deleteBillingKey(keyId: string, options?: ChangeOptions): Promise<Answers["BillingKey"]>;
  /** Charges the order's price to a billing key, once. Resolves only when the order is paid. */
  charge(orderId: string, body: Bodies["charge"], options?: ChangeOptions): Promise<Answers["Order"]>;
  /** Cancels all that remains of a payment. */
  cancel(orderId: string, options?: ChangeOptions): Promise<Answers["Order"]>;
  /** Cancels a part of a payment, if exactly `confirmPrice` won remain after it. */
  cancelPartially(
    orderId: string,
    body: Bodies["cancelPartially"],
    options?: ChangeOptions,
  ): Promise<Answers["Order"]>;
  /** Registers the delivery of an escrow order for the seller, or changes it. */
  registerDelivery(
    orderId: string,
    body: Bodies["registerDelivery"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** Confirms an escrow purchase for the buyer; the seller is paid. */
  confirmPurchase(
    orderId: string,
    body: Bodies["confirmPurchase"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** Rejects an escrow purchase for the buyer. */
  rejectPurchase(
    orderId: string,
    body: Bodies["rejectPurchase"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** Accepts the rejection of an escrow purchase for the seller; the buyer is refunded. */
  confirmRejection(
    orderId: string,
    body: Bodies["confirmRejection"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** Reads the state of an escrow payment from the gateway. */
  getEscrowStatus(orderId: string, options?: ReadOptions): Promise<Answers["EscrowStatus"]>;
}

/**
 * Creates the client for the shop's own pages.
 *
 * @example
 * ```ts
 * const payments = createPayApiBrowser({ basePath: "/payments" });
 * const { url } = await payments.createPaymentLink(orderId, { payType: "card" });
 * ```
 *
 * @throws TypeError if `basePath` is not a path
 */
export function createPayApiBrowser(options: PayApiBrowserOptions): PayApiBrowser {
  const send = sender(options);
  const read = <Answer>(path: string, proof: string, { signal, ticket }: ReadOrderOptions = {}) =>
    send<Answer>({ method: "GET", path, proof, ticket, signal });
  const change = <Answer>(
    method: BuyerRequest["method"],
    path: string,
    proof: string,
    body: object,
    { idempotencyKey = newKey(), signal }: ChangeOptions = {},
  ) => send<Answer>({ method, path, proof, body, idempotencyKey, signal });
  const post =
    (action: string, proof = "orderId") =>
    <Answer>(orderId: string, body: object, more?: ChangeOptions) =>
      change<Answer>("POST", order(orderId) + action, proof, body, more);
  return {
    approveCard: post("/card-approval"),
    // The call only reads, but a card's digits must not appear in a URL.
    lookupCardPrefix: (id, body, more) =>
      send({ method: "POST", path: `${order(id)}/card-prefix`, body, signal: more?.signal }),
    createPaymentLink: post("/payment-link", "url"),
    getOrder: (id, more) => read(order(id), "orderId", more),
    issueBillingKey: (body, more) => change("POST", "/billing-keys", "id", body, more),
    getBillingKey: (id, more) => read(key(id), "id", more),
    changeBillingKey: (id, body, more) => change("PUT", key(id), "id", body, more),
    deleteBillingKey: (id, more) => change("DELETE", key(id), "id", {}, more),
    charge: post("/charge"),
    cancel: (id, more) => change("POST", `${order(id)}/cancel`, "orderId", {}, more),
    cancelPartially: post("/partial-cancel"),
    registerDelivery: post("/escrow/delivery"),
    confirmPurchase: post("/escrow/confirmation"),
    rejectPurchase: post("/escrow/rejection"),
    confirmRejection: post("/escrow/rejection-confirmation"),
    getEscrowStatus: (id, more) => read(`${order(id)}/escrow`, "orderId", more),
  };
}

function order(id: string): string {
  return `/orders/${encodeURIComponent(id)}`;
}

function key(id: string): string {
  return `/billing-keys/${encodeURIComponent(id)}`;
}

// crypto.randomUUID is missing on pages over plain http, such as a development server opened from a phone.
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
