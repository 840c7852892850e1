import type { operations } from "@payapi/core/operations";
import { testCards } from "../test-cards.js";
import { checkInstallments, checkOrder, decline, readCard, type Service } from "./service.js";

type Cards = typeof operations.cards;

const TYPES = { credit: "0", debit: "1", gift: "2" } as const;

/** 4.1: approves test cards and declines all others. */
export const approve: Service<Cards["approve"]> = ({ merchant, values, book, now, rules }) => {
  const refusal = checkOrder(values, { book, mid: merchant.mid, duplicateOid: rules.duplicateOid });
  if (refusal) return refusal;
  const card = readCard(values.cardNumber, `20${values.cardExpireYY}${values.cardExpireMM}`, now);
  if ("done" in card) return card;
  const tooSmall = checkInstallments(values, card);
  if (tooSmall) return tooSmall;
  if (card.decline) return { done: false, code: card.decline.code, message: card.decline.ko };
  const transaction = book.approve({
    mid: merchant.mid,
    oid: values.oid,
    payType: "card",
    price: values.price,
    cardLast4: values.cardNumber.slice(-4),
  });
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

/** 5.1: knows the prefixes of the test cards. */
export const lookupPrefix: Service<Cards["lookupPrefix"]> = ({ values }) => {
  const card = testCards.find(({ number }) => number.startsWith(values.cardNumber));
  if (!card) return decline("notATestCard");
  return {
    done: true,
    reply: { cardCode: card.acquirer, cardType: TYPES[card.type], cardName: card.acquirerName },
  };
};
