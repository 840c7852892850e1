import type { PayApi } from "../client.js";
import type { CallOptions } from "../method.js";
import { type InputOf, operations } from "../operations/index.js";
import type { BillingKey, BillingKeyStore, PaymentStore, ReservedApproval } from "../store/index.js";
import { checkInput } from "../wire/check-input.js";
import type { NotReserved, PaymentResult } from "./results.js";
import { type SettlingStore, sendAndSettle } from "./send-and-settle.js";

/** The merchant's order, as a payment needs it. */
export interface PayableOrder {
  readonly id: string;
  /** The amount to charge, in won. */
  readonly price: number;
  readonly goodsName?: string | undefined;
  readonly buyerName: string;
  readonly buyerTel?: string | undefined;
  readonly buyerEmail?: string | undefined;
  /** Whether the merchant pays the interest of installments. Never taken from the browser. */
  readonly interestFree?: boolean | undefined;
}

/** A request to pay an order with a keyed-in card. */
export interface CardPaymentRequest {
  readonly order: PayableOrder;
  readonly card: Pick<
    InputOf<typeof operations.cards.approve>,
    "cardNumber" | "cardExpireYY" | "cardExpireMM" | "registNo" | "passwd" | "cardQuota"
  >;
}

/** A request to pay an order with a billing key. */
export interface ChargeRequest {
  readonly order: PayableOrder;
  /** The key's id, or the key returned by `ledger.findKey`. */
  readonly billingKey: string | BillingKey;
  /** Installment months, for cards (default: 0, a lump sum). */
  readonly cardQuota?: number | undefined;
}

/** The reason why an order is not charged; nothing was sent. */
export type ChargeRefusal = NotReserved["reason"] | "no-such-key" | "key-not-active";

type ApprovingStore = SettlingStore & Pick<PaymentStore, "reserveApproval">;

/** Pays an order with a card. It validates the input first, so that a mistyped number uses up no order number and locks nothing. */
export async function authorizeCard(
  payapi: Pick<PayApi, "environment" | "cards">,
  ledger: ApprovingStore,
  { order, card }: CardPaymentRequest,
): Promise<PaymentResult<ReservedApproval>> {
  const { cardQuota, ...cardFields } = card;
  const input = {
    ...cardFields,
    ...installments(cardQuota, order.interestFree),
    price: order.price,
    goodsName: order.goodsName,
    buyerName: order.buyerName,
    buyerTel: order.buyerTel,
    buyerEmail: order.buyerEmail,
  };
  checkInput(operations.cards.approve, { ...input, oid: "0" }, payapi.environment);
  return approve(ledger, order, "card", (oid, options) => payapi.cards.approve({ ...input, oid }, options));
}

/** Pays an order with a billing key. */
export async function charge(
  payapi: Pick<PayApi, "environment" | "billing">,
  ledger: ApprovingStore & Pick<BillingKeyStore, "findKey" | "revealKey">,
  { order, billingKey, cardQuota }: ChargeRequest,
): Promise<PaymentResult<ReservedApproval, ChargeRefusal>> {
  const key = typeof billingKey === "string" ? await ledger.findKey(billingKey) : billingKey;
  if (key === undefined) return { status: "not-reserved", reason: "no-such-key", order: undefined };
  const isMobile = key.kind === "mobile";
  const buyer = {
    price: order.price,
    goodsName: order.goodsName ?? order.id,
    buyerName: order.buyerName,
    buyerTel: order.buyerTel,
    buyerEmail: order.buyerEmail,
  };
  // Mobile charges have no installments; the input check rejects them.
  const quota = isMobile && cardQuota === undefined ? {} : installments(cardQuota, order.interestFree);
  const operation = isMobile ? operations.billing.chargeMobile : operations.billing.charge;
  checkInput(operation, { ...buyer, ...quota, oid: "0", billkey: "0" }, payapi.environment);
  if (key.state !== "active") return { status: "not-reserved", reason: "key-not-active", order: undefined };
  return approve(ledger, order, isMobile ? "hpp" : "card", async (oid, options) => {
    const billkey = await ledger.revealKey(key.id);
    if (billkey === undefined) throw new KeyStoppedError();
    const input = { ...buyer, oid, billkey };
    return isMobile
      ? payapi.billing.chargeMobile(input, options)
      : payapi.billing.charge({ ...input, ...quota }, options);
  });
}

async function approve(
  ledger: ApprovingStore,
  { id: orderId, price }: PayableOrder,
  payType: string,
  send: (oid: string, options: CallOptions) => ReturnType<Parameters<typeof sendAndSettle>[2]>,
): Promise<PaymentResult<ReservedApproval>> {
  const reservation = await ledger.reserveApproval({ orderId, price, payType });
  if (reservation.status === "refused") return { ...reservation, status: "not-reserved" };
  const { call } = reservation;
  return sendAndSettle(ledger, call, (options) => send(call.oid, options));
}

/** The key was stopped between the reservation and the call; nothing was sent. */
class KeyStoppedError extends Error {
  override readonly name = "KeyStoppedError";

  constructor() {
    super("The billing key is no longer active");
  }
}

function installments(
  cardQuota: number | undefined,
  interestFree: boolean | undefined,
): { cardQuota?: number; quotaInterest?: "interest-free" } {
  return {
    ...(cardQuota === undefined ? {} : { cardQuota }),
    ...(interestFree === true ? { quotaInterest: "interest-free" } : {}),
  };
}
