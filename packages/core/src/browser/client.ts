import type { Answers, Bodies } from "../handler/messages.js";
import {
  type BuyerRequest,
  type ChangeOptions,
  type PayApiBrowserOptions,
  type ReadOptions,
  sender,
} from "./send.js";

/**
 * The handler's routes as calls, one for each that the shop's own pages may make. Each resolves with the JSON of success and
 * rejects with a `PayApiProblem`; none is ever repeated on its own.
 */
export interface PayApiBrowser {
  /** Charges the order's price to a card whose number the buyer keyed in, once. Resolves only when the order is paid. */
  approveCard(
    orderId: string,
    body: Bodies["approveCard"],
    options?: ChangeOptions,
  ): Promise<Answers["Order"]>;
  /** Says who issued a card, from the first six digits of its number. */
  lookupCardPrefix(
    orderId: string,
    body: Bodies["lookupCardPrefix"],
    options?: ReadOptions,
  ): Promise<Answers["CardIssuer"]>;
  /** Gives a link to the gateway's payment page; the same one again while it is open. Send the buyer to its `url`. */
  createPaymentLink(
    orderId: string,
    body: Bodies["createPaymentLink"],
    options?: ChangeOptions,
  ): Promise<Answers["PaymentLink"]>;
  /** Says what is known about an order's money. */
  getOrder(orderId: string, options?: ReadOptions): Promise<Answers["Order"]>;
  /** Issues a billing key for a card, for the account that asks. No money moves. */
  issueBillingKey(body: Bodies["issueBillingKey"], options?: ChangeOptions): Promise<Answers["BillingKey"]>;
  /** Says in which state a billing key is. */
  getBillingKey(keyId: string, options?: ReadOptions): Promise<Answers["BillingKey"]>;
  /** Puts another card behind a billing key, under the same id. */
  changeBillingKey(
    keyId: string,
    body: Bodies["changeBillingKey"],
    options?: ChangeOptions,
  ): Promise<Answers["BillingKey"]>;
  /** Stops a billing key for good. */
  deleteBillingKey(keyId: string, options?: ChangeOptions): Promise<Answers["BillingKey"]>;
  /** Charges the order's price to a billing key, once. Resolves only when the order is paid. */
  charge(orderId: string, body: Bodies["charge"], options?: ChangeOptions): Promise<Answers["Order"]>;
  /** Gives back all that remains of a payment. */
  cancel(orderId: string, options?: ChangeOptions): Promise<Answers["Order"]>;
  /** Gives back a part of a payment, if exactly `confirmPrice` remains after it. */
  cancelPartially(
    orderId: string,
    body: Bodies["cancelPartially"],
    options?: ChangeOptions,
  ): Promise<Answers["Order"]>;
  /** The seller says that an escrow order was shipped, or changes what was said. */
  registerDelivery(
    orderId: string,
    body: Bodies["registerDelivery"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** The buyer confirms an escrow purchase; the seller is paid. */
  confirmPurchase(
    orderId: string,
    body: Bodies["confirmPurchase"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** The buyer rejects an escrow purchase. */
  rejectPurchase(
    orderId: string,
    body: Bodies["rejectPurchase"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** The seller accepts that an escrow purchase was rejected; the buyer is refunded. */
  confirmRejection(
    orderId: string,
    body: Bodies["confirmRejection"],
    options?: ChangeOptions,
  ): Promise<Answers["EscrowDone"]>;
  /** Asks the gateway for the state of an escrow payment. */
  getEscrowStatus(orderId: string, options?: ReadOptions): Promise<Answers["EscrowStatus"]>;
}

/**
 * Makes the client for the shop's own pages.
 *
 * @throws TypeError if `basePath` is no path
 */
export function createPayApiBrowser(options: PayApiBrowserOptions): PayApiBrowser {
  const send = sender(options);
  const read = <Answer>(path: string, proof: string, { signal }: ReadOptions = {}) =>
    send<Answer>({ method: "GET", path, proof, signal });
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
    // It changes nothing, but a card's digits belong into no address.
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

// crypto.randomUUID is missing where a shop is tried out over plain http from a phone.
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
