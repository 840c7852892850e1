import type { operations } from "@payapi/core/operations";
import { testCards } from "../test-cards.js";
import { chargeCard, checkOrder, decline, type Service } from "./service.js";

type Cards = typeof operations.cards;

const TYPES = { credit: "0", debit: "1", gift: "2" } as const;

/** 4.1: approves test cards and declines all others. */
export const approve: Service<Cards["approve"]> = (call) => {
  const { cardNumber: number, cardExpireYY, cardExpireMM } = call.values;
  return checkOrder(call) ?? chargeCard(call, { number, expires: `20${cardExpireYY}${cardExpireMM}` });
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
