import type { Operation, ReplyField, RequestField } from "@payapi/core/operations";
import type { KeptCard } from "../../book/billing-keys.js";
import type { Book, Transaction } from "../../book/book.js";
import type { Notifier } from "../../notifications/notifier.js";
import { formatKoreanTime } from "../../time/korean-time.js";
import type { SandboxMerchant } from "../merchants.js";
import { declines } from "../result-codes.js";
import type { Rules } from "../rules.js";
import { findTestCard, passesLuhn, type TestCard } from "../test-cards.js";

type Value<F extends RequestField> = F["codec"] extends "amount" | "amount-or-zero" | "count"
  ? number
  : string;
type Request<O extends Operation> = O["request"];
type IsAlwaysThere<F extends RequestField> = F extends { required: true }
  ? F extends { default: "" }
    ? false
    : true
  : false;

/** The checked values of a request, in the clear, under their public names; amounts as numbers. */
export type Values<O extends Operation> = {
  readonly [K in keyof Request<O> as IsAlwaysThere<Request<O>[K]> extends true ? K : never]: Value<
    Request<O>[K]
  >;
} & {
  readonly [K in keyof Request<O> as IsAlwaysThere<Request<O>[K]> extends true ? never : K]?: Value<
    Request<O>[K]
  >;
};

type ReplyValue<F extends ReplyField> = F extends { codec: "korean-time" }
  ? Date
  : F["codec"] extends "amount"
    ? number
    : string;

/** Every reply value of the operation table; `choice` values as they stand on the wire. */
export type Reply<O extends Operation> = { readonly [K in keyof O["reply"]]: ReplyValue<O["reply"][K]> };

/** A service's parameters: a request that passed every check. */
export interface Call<O extends Operation> {
  readonly merchant: SandboxMerchant;
  readonly values: Values<O>;
  readonly book: Book;
  readonly now: Date;
  readonly rules: Rules;
  /** The origin under which the merchant reached the sandbox; links lead back to it. */
  readonly origin: string;
  readonly notifier: Notifier;
}

/** Carried out, with the values of the reply, or declined with a code. */
export type Answer<O extends Operation> =
  | { readonly done: true; readonly reply: Reply<O> }
  | { readonly done: false; readonly code: string; readonly message: string };

/**
 * How one operation behaves once its request is well-formed. Services are synchronous, so that nothing can come
 * between a check of the book and the entry that follows from it.
 */
export type Service<O extends Operation> = (call: Call<O>) => Answer<O>;

/** A refusal. */
export type Declined = { readonly done: false; readonly code: string; readonly message: string };

/** Refuses with one of the sandbox's codes. */
export function decline(reason: keyof typeof declines): Declined {
  return { done: false, code: declines[reason].code, message: declines[reason].ko };
}

/** The parts of a call that charges money. */
type Charge = Pick<Call<Operation>, "merchant" | "book" | "now" | "rules"> & {
  readonly values: {
    readonly oid: string;
    readonly price: number;
    readonly tax?: number;
    readonly cardQuota?: string;
  };
};

/** Returns the valid test card of a number, or the reason for a decline. */
export function readCard({ number, expires }: KeptCard, now: Date): TestCard | Declined {
  if (!passesLuhn(number)) return decline("badCardNumber");
  const card = findTestCard(number);
  if (!card) return decline("notATestCard");
  return expires < formatKoreanTime(now).slice(0, 6) ? decline("expired") : card;
}

/** Declines with the code of a test card. */
export function declinedBy({ code, ko }: NonNullable<TestCard["decline"]>): Declined {
  return { done: false, code, message: ko };
}

/** Refuses an order number that was approved before, and a tax over 10%, for every payment method. */
export function checkOrder({ merchant, values, book, rules }: Omit<Charge, "now">): Declined | undefined {
  const { oid, price, tax = 0 } = values;
  if (rules.duplicateOid === "refuse" && book.hasOid(merchant.mid, oid)) return decline("duplicateOid");
  return tax * 10 > price ? decline("taxTooHigh") : undefined;
}

/** Charges a test card. Installments need 50,000 won and a credit card. */
export function chargeCard({ merchant, values, book, now }: Charge, kept: KeptCard) {
  const card = readCard(kept, now);
  if ("done" in card) return card;
  const { oid, price, cardQuota = "00" } = values;
  const isSplit = cardQuota !== "00";
  if (isSplit && (price < 50_000 || card.type !== "credit")) return decline("noInstallments");
  if (card.decline) return declinedBy(card.decline);
  const cardLast4 = kept.number.slice(-4);
  const transaction = book.approve({ mid: merchant.mid, oid, payType: "card", price, cardLast4 });
  return { done: true, reply: { ...approvalReply(transaction), applNum: transaction.applNum } } as const;
}

/** The values of an approval's reply. */
export function approvalReply({ approvedAt, price, tid }: Transaction) {
  return { approvedAt: new Date(approvedAt), price, tid };
}
