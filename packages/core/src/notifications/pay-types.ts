// CARD and ISP are two ways to authenticate a card; cancels know only "card".
const payTypes = { CARD: "card", ISP: "card", VBANK: "vbank", MOBILE: "hpp", BANK: "bank" } as const;

/** The payment methods that P_TYPE names, in the words that cancels and links take. */
export type PagePayType = (typeof payTypes)[keyof typeof payTypes];

/** What P_TYPE names; `undefined` if it is missing or names nothing known. */
export function payTypeOf(wire: string | undefined): PagePayType | undefined {
  return wire !== undefined && Object.hasOwn(payTypes, wire)
    ? payTypes[wire as keyof typeof payTypes]
    : undefined;
}
