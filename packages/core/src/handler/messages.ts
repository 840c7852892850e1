import type { InputOf, Operation, operations, ResultOf } from "../operations/index.js";
import type { Secret } from "../secret.js";
import type { BillingKey } from "../store/billing-key-store.js";
import type { OrderView } from "./order-view.js";
import type { ProblemCode } from "./problem-table.js";

/** Who issued a card. What the gateway did not say is not there. */
export type CardIssuer = Said<typeof operations.cards.lookupPrefix, "cardCode" | "cardType" | "cardName">;

/** A link to the gateway's payment page. */
export interface PaymentLink {
  readonly url: string;
  /** ISO 8601; the link is invalid afterwards. */
  readonly expiresAt: string;
}

/** A billing key as browsers see it: the key itself stays on the server. */
export type BillingKeyView = Pick<BillingKey, "id" | "kind" | "state"> & {
  /** ISO 8601. */
  readonly issuedAt?: string;
};

/** The gateway did what was asked about an escrow purchase. */
export interface EscrowDone {
  readonly orderId: string;
  readonly done: true;
  /** ISO 8601; not there if the reply was lost and only the status proves it. */
  readonly processedAt?: string;
}

/** The state of an escrow payment, as the gateway says it. */
export type EscrowStatus = { readonly orderId: string } & Said<
  typeof operations.escrow.getStatus,
  "status" | "payMethod" | "price" | "approvedDate" | "denyMsg"
>;

/** Whatever is no success, as RFC 9457 has it. */
export interface ProblemBody {
  readonly type: string;
  /** For people, in the language that was asked for; so is `detail`. */
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  /** What is known about the order's money. */
  readonly order?: OrderView;
  /** What is wrong with which field; never its value. */
  readonly errors?: readonly FieldError[];
  /** The gateway's own words. */
  readonly gateway?: { readonly resultCode?: string; readonly resultMessage?: string };
}

/** What is wrong with one field, in the language of the answer. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** The JSON of every successful answer, by the name that routes have for it. */
export interface Answers {
  readonly Order: OrderView;
  readonly CardIssuer: CardIssuer;
  readonly PaymentLink: PaymentLink;
  readonly BillingKey: BillingKeyView;
  readonly EscrowDone: EscrowDone;
  readonly EscrowStatus: EscrowStatus;
}

/** What the gateway said in a reply, as far as it did. */
type Said<O extends Operation, Names extends keyof ResultOf<O>> = {
  readonly [K in Names]?: ResultOf<O>[K] | undefined;
};

/** Fields of an operation's input as they come in JSON, which has neither Secrets nor Dates. */
type Fields<O extends Operation, Names extends keyof InputOf<O>> = {
  readonly [K in keyof Pick<InputOf<O>, Names>]: Exclude<Pick<InputOf<O>, Names>[K], Secret | Date>;
};

type Approve = typeof operations.cards.approve;
type IssueKey = typeof operations.billing.issueKey;
type Escrow = typeof operations.escrow;

/** The JSON that every route takes, by the route's name. Routes that are not here take none. */
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
    /** Won to give back now. */
    readonly cancelPrice: number;
    /** Won that must remain after it; refused if another amount would. */
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

/** `registNo` and `passwd` go together: with both the issuer checks whose card it is, with none it does not. */
type BillingKeyBody = Fields<
  IssueKey,
  "cardNumber" | "cardExpireYY" | "cardExpireMM" | "buyerName" | "buyerTel" | "buyerEmail"
> &
  Partial<Fields<IssueKey, "registNo" | "passwd">>;
