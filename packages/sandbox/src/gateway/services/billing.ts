import type { operations } from "@payapi/core/operations";
import type { Book } from "../../book/book.js";
import { dayNumberOf, formatKoreanDate, koreanDayNumber } from "../../time/korean-time.js";
import type { TestCard } from "../test-cards.js";
import { checkInstallments, checkOrder, type Declined, decline, readCard, type Service } from "./service.js";

type Billing = typeof operations.billing;

/** Codes with which an issuer refuses a key at once; the others show only when the key is charged. */
const REFUSED_AT_ISSUE = new Set(["2103", "2106"]);
const WRONG_PIN = "2104";

/** 3.1: issues a key for a test card, whose PIN one of them gets wrong. */
export const issueKey: Service<Billing["issueKey"]> = ({ merchant, values, book, now }) => {
  const issued = issue(values, { book, mid: merchant.mid, now, checksPin: true });
  return "done" in issued ? issued : { done: true, reply: { ...issued, cardKind: "0" } };
};

/** 3.2: issues a key for a test card without asking for its PIN. */
export const issueKeyWithoutAuthentication: Service<Billing["issueKeyWithoutAuthentication"]> = ({
  merchant,
  values,
  book,
  now,
}) => {
  const issued = issue(values, { book, mid: merchant.mid, now, checksPin: false });
  return "done" in issued ? issued : { done: true, reply: issued };
};

/** 3.3: charges a card's key. */
export const charge: Service<Billing["charge"]> = ({ merchant, values, book, now, rules }) => {
  const refusal = checkOrder(values, { book, mid: merchant.mid, duplicateOid: rules.duplicateOid });
  if (refusal) return refusal;
  const key = book.keys.find(merchant.mid, values.billkey);
  if (!key) return decline("unknownBillkey");
  if (!key.card) return decline("notACardKey");
  if (key.entry.deletedAt !== undefined) return decline("deletedBillkey");
  const card = readCard(key.card.number, key.card.expires, now);
  if ("done" in card) return card;
  const tooSmall = checkInstallments(values, card);
  if (tooSmall) return tooSmall;
  if (card.decline) return declinedBy(card.decline);
  const { cardLast4 } = key.entry;
  const transaction = book.approve({
    mid: merchant.mid,
    oid: values.oid,
    payType: "card",
    price: values.price,
    ...(cardLast4 !== undefined && { cardLast4 }),
  });
  book.keys.charged(values.billkey, { tid: transaction.tid, oid: values.oid, price: values.price });
  return {
    done: true,
    reply: {
      approvedAt: new Date(transaction.approvedAt),
      price: transaction.price,
      tid: transaction.tid,
      applNum: transaction.applNum,
    },
  };
};

/** 3.4: deletes a card's key; keys of mobile phones cannot be deleted. */
export const deleteKey: Service<Billing["deleteKey"]> = ({ merchant, values, book }) => {
  const key = book.keys.find(merchant.mid, values.billkey);
  if (!key) return decline("unknownBillkey");
  if (!key.card) return decline("notACardKey");
  if (key.entry.deletedAt !== undefined) return decline("deletedBillkey");
  book.keys.delete(values.billkey);
  return { done: true, reply: {} };
};

/** 3.5: charges a mobile phone's key: its own amount, once a month, near the day of issue. */
export const chargeMobile: Service<Billing["chargeMobile"]> = ({ merchant, values, book, now, rules }) => {
  const refusal = checkOrder(
    { oid: values.oid, price: values.price },
    { book, mid: merchant.mid, duplicateOid: rules.duplicateOid },
  );
  if (refusal) return refusal;
  const key = book.keys.find(merchant.mid, values.billkey);
  if (!key) return decline("unknownBillkey");
  if (key.card) return decline("notAMobileKey");
  if (key.entry.deletedAt !== undefined) return decline("deletedBillkey");
  if (key.entry.price !== values.price) return decline("mobilePriceDiffers");
  const month = chargeableMonth(new Date(key.entry.issuedAt), now);
  if (month === undefined) return decline("outsideMobilePeriod");
  if (key.entry.charges.some((charged) => charged.month === month)) return decline("chargedThisMonth");
  const { mid } = merchant;
  const { oid, price } = values;
  const transaction = book.approve({ mid, oid, payType: "hpp", price });
  book.keys.charged(values.billkey, { tid: transaction.tid, oid, price, month });
  return {
    done: true,
    reply: {
      approvedAt: new Date(transaction.approvedAt),
      price: transaction.price,
      tid: transaction.tid,
    },
  };
};

interface KeyRequest {
  readonly cardNumber: string;
  readonly cardExpireYY: string;
  readonly cardExpireMM: string;
  readonly price?: number;
}

function issue(
  request: KeyRequest,
  context: { readonly book: Book; readonly mid: string; readonly now: Date; readonly checksPin: boolean },
) {
  const { book, mid, now } = context;
  const expires = `20${request.cardExpireYY}${request.cardExpireMM}`;
  const card = readCard(request.cardNumber, expires, now);
  if ("done" in card) return card;
  const { decline: refusal } = card;
  if (refusal && (REFUSED_AT_ISSUE.has(refusal.code) || (context.checksPin && refusal.code === WRONG_PIN))) {
    return declinedBy(refusal);
  }
  const { billkey, entry } = book.keys.issue({ mid, card: { number: request.cardNumber, expires } });
  return {
    cardResultCode: card.acquirer,
    billkey,
    price: request.price ?? 0,
    issuedAt: new Date(entry.issuedAt),
    tid: book.newTid(),
  };
}

function declinedBy({ code, ko }: NonNullable<TestCard["decline"]>): Declined {
  return { done: false, code, message: ko };
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
