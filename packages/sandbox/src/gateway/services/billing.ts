import type { operations } from "@payapi/core/operations";
import { dayNumberOf, formatKoreanDate, koreanDayNumber } from "../../time/korean-time.js";
import {
  approvalReply,
  type Call,
  chargeCard,
  checkOrder,
  decline,
  declinedBy,
  readCard,
  type Service,
} from "./service.js";

type Billing = typeof operations.billing;

/** Codes with which an issuer refuses a key at once; the others show only when the key is charged. */
const REFUSED_AT_ISSUE = new Set(["2103", "2106"]);
const WRONG_PIN = "2104";

/** 3.1: issues a key for a test card, whose PIN one of them gets wrong. */
export const issueKey: Service<Billing["issueKey"]> = (call) => {
  const issued = issue(call, true);
  return "done" in issued ? issued : { done: true, reply: { ...issued, cardKind: "0" } };
};

/** 3.2: issues a key for a test card without asking for its PIN. */
export const issueKeyWithoutAuthentication: Service<Billing["issueKeyWithoutAuthentication"]> = (call) => {
  const issued = issue(call, false);
  return "done" in issued ? issued : { done: true, reply: issued };
};

/** 3.3: charges a card's key. */
export const charge: Service<Billing["charge"]> = (call) => {
  const refusal = checkOrder(call);
  if (refusal) return refusal;
  const card = cardOf(call);
  if ("done" in card) return card;
  const answer = chargeCard(call, card);
  const { billkey, oid, price } = call.values;
  if (answer.done) call.book.keys.charged(billkey, { tid: answer.reply.tid, oid, price });
  return answer;
};

/** 3.4: deletes a card's key; keys of mobile phones cannot be deleted. */
export const deleteKey: Service<Billing["deleteKey"]> = (call) => {
  const card = cardOf(call);
  if ("done" in card) return card;
  call.book.keys.delete(call.values.billkey);
  return { done: true, reply: {} };
};

/** 3.5: charges a mobile phone's key: its own amount, once a month, near the day of issue. */
export const chargeMobile: Service<Billing["chargeMobile"]> = (call) => {
  const { values, book, now } = call;
  const { mid } = call.merchant;
  const { billkey, oid, price } = values;
  const refusal = checkOrder(call);
  if (refusal) return refusal;
  const key = book.keys.find(mid, billkey);
  if (!key) return decline("unknownBillkey");
  if (key.card) return decline("notAMobileKey");
  if (key.entry.deletedAt !== undefined) return decline("deletedBillkey");
  if (key.entry.price !== price) return decline("mobilePriceDiffers");
  const month = chargeableMonth(new Date(key.entry.issuedAt), now);
  if (month === undefined) return decline("outsideMobilePeriod");
  if (key.entry.charges.some((charged) => charged.month === month)) return decline("chargedThisMonth");
  const transaction = book.approve({ mid, oid, payType: "hpp", price });
  book.keys.charged(billkey, { tid: transaction.tid, oid, price, month });
  return { done: true, reply: approvalReply(transaction) };
};

/** The card of a key that is in use, or the reason for a decline. */
function cardOf({
  merchant,
  values,
  book,
}: Pick<Call<Billing["deleteKey"]>, "merchant" | "values" | "book">) {
  const key = book.keys.find(merchant.mid, values.billkey);
  if (!key) return decline("unknownBillkey");
  if (!key.card) return decline("notACardKey");
  return key.entry.deletedAt === undefined ? key.card : decline("deletedBillkey");
}

function issue(
  { merchant, values, book, now }: Call<Billing["issueKeyWithoutAuthentication"]>,
  checksPin: boolean,
) {
  const { cardNumber: number, cardExpireYY, cardExpireMM, price = 0 } = values;
  const kept = { number, expires: `20${cardExpireYY}${cardExpireMM}` };
  const card = readCard(kept, now);
  if ("done" in card) return card;
  const { decline: refusal } = card;
  if (refusal && (REFUSED_AT_ISSUE.has(refusal.code) || (checksPin && refusal.code === WRONG_PIN))) {
    return declinedBy(refusal);
  }
  const { billkey, entry } = book.keys.issue({ mid: merchant.mid, card: kept });
  const issuedAt = new Date(entry.issuedAt);
  return { cardResultCode: card.acquirer, billkey, price, issuedAt, tid: book.newTid() };
}

const DAYS_AROUND = 5;

/**
 * The month, `YYYYMM`, that a mobile billing key may be charged for now: the one whose day of issue is at most five
 * Korean days away. In months that lack the day of issue their last day stands for it.
 */
function chargeableMonth(issuedAt: Date, now: Date): string | undefined {
  const dayOfIssue = Number(formatKoreanDate(issuedAt).slice(6));
  const today = formatKoreanDate(now);
  for (const offset of [-1, 0, 1]) {
    const first = new Date(Date.UTC(Number(today.slice(0, 4)), Number(today.slice(4, 6)) - 1 + offset, 1));
    const [year, month] = [first.getUTCFullYear(), first.getUTCMonth() + 1];
    const due = dayNumberOf(year, month, dayOfIssue);
    if (Math.abs(koreanDayNumber(now) - due) <= DAYS_AROUND)
      return first.toISOString().slice(0, 7).replace("-", "");
  }
  return undefined;
}
