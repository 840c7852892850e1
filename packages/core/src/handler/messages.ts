import type { InputOf, Operation, operations, ResultOf } from "../operations/index.js";
import type { Secret } from "../secret.js";
import type { BillingKey } from "../store/billing-key-store.js";
import type { OrderView } from "./order-view.js";
import type { ProblemCode } from "./problem-table.js";

/** A card's issuer. Fields that the gateway left out are missing. */
export type CardIssuer = Said<typeof operations.cards.lookupPrefix, "cardCode" | "cardType" | "cardName">;

/** A link to the gateway's payment page. */
export interface PaymentLink {
  readonly url: string;
  /** ISO 8601; the link is invalid afterwards. */
  readonly expiresAt: string;
}

/** A billing key for browsers, without the secret key. */
export type BillingKeyView = Pick<BillingKey, "id" | "kind" | "state"> & {
  /** ISO 8601. */
  readonly issuedAt?: string;
};

/** A successful escrow call. */
export interface EscrowDone {
  readonly orderId: string;
  readonly done: true;
  /** ISO 8601; missing if the reply was lost and the status proved the success. */
  readonly processedAt?: string;
}

/** The state of an escrow payment, from the gateway. */
export type EscrowStatus = { readonly orderId: string } & Said<
  typeof operations.escrow.getStatus,
  "status" | "payMethod" | "price" | "approvedDate" | "denyMsg"
>;

/** An error answer (RFC 9457). */
export interface ProblemBody {
  readonly type: string;
  /** A short message in the requested language, like `detail`. */
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** The order's payment status, if known. */
  readonly order?: OrderView;
  /** The invalid fields, without their values. */
  readonly errors?: readonly FieldError[];
  /** The gateway's result code and message. */
  readonly gateway?: { readonly resultCode?: string; readonly resultMessage?: string };
}

/** A problem with a field, in the language of the answer. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The JSON of every successful answer, by name. */
export interface Answers {
  readonly Order: OrderView;
  readonly CardIssuer: CardIssuer;
  readonly PaymentLink: PaymentLink;
  readonly BillingKey: BillingKeyView;
  readonly EscrowDone: EscrowDone;
  readonly EscrowStatus: EscrowStatus;
}

/** Fields of a reply, each missing if the gateway left it out. */
type Said<O extends Operation, Names extends keyof ResultOf<O>> = {
  readonly [K in Names]?: ResultOf<O>[K] | undefined;
};

/** Fields of an operation's input in JSON, without Secrets and Dates. */
type Fields<O extends Operation, Names extends keyof InputOf<O>> = {
  readonly [K in keyof Pick<InputOf<O>, Names>]: Exclude<Pick<InputOf<O>, Names>[K], Secret | Date>;
};

type Approve = typeof operations.cards.approve;
type IssueKey = typeof operations.billing.issueKey;
type Escrow = typeof operations.escrow;

/** The JSON body of each route, by the route's name. Other routes have no body. */
export interface Bodies {
  readonly approveCard: Fields<
    Approve,
    "cardNumber" | "cardExpireYY" | "cardExpireMM" | "registNo" | "passwd" | "cardQuota"
  >;
  readonly lookupCardPrefix: {
    /** Exactly the first 6 digits of the card number, and never more. */
    readonly prefix: string;
  };
  readonly createPaymentLink: Fields<typeof operations.smsPay.createLink, "payType" | "quotaBase">;
  readonly issueBillingKey: BillingKeyBody;
  readonly changeBillingKey: BillingKeyBody;
  readonly charge: { readonly billingKeyId: string } & Fields<typeof operations.billing.charge, "cardQuota">;
  readonly cancelPartially: {
    /** The amount to cancel, in won. */
    readonly cancelPrice: number;
    /** The amount that must remain after it, in won; the cancel is refused if another amount would remain. */
    readonly confirmPrice: number;
  };
  readonly registerDelivery: Fields<
    Escrow["registerDelivery"],
    Exclude<keyof InputOf<Escrow["registerDelivery"]>, "clientIp" | "tid" | "oid" | "price">
  >;
  readonly confirmPurchase: Partial<Fields<Escrow["confirmPurchase"], "buyName">>;
  readonly rejectPurchase: Fields<Escrow["rejectPurchase"], "denyMsg" | "refundBankCode" | "refundAccount"> &
    Partial<Fields<Escrow["rejectPurchase"], "buyName" | "refundName">>;
  readonly confirmRejection: Fields<Escrow["confirmRejection"], "dcnfName">;
}

/** Send `registNo` and `passwd` together: with both the issuer verifies the cardholder, without them it does not. */
type BillingKeyBody = Fields<
  IssueKey,
  "cardNumber" | "cardExpireYY" | "cardExpireMM" | "buyerName" | "buyerTel" | "buyerEmail"
> &
  Partial<Fields<IssueKey, "registNo" | "passwd">>;
