import { parseKoreanTime } from "../korean-time.js";

// CARD and ISP are two ways to authenticate a card; cancels know only "card".
const payTypes = { CARD: "card", ISP: "card", VBANK: "vbank", MOBILE: "hpp", BANK: "bank" } as const;

/** The payment methods of P_TYPE, by the names that cancels and links use. */
export type PagePayType = (typeof payTypes)[keyof typeof payTypes];

/** Returns the payment method of P_TYPE, in capital or small letters; `undefined` if it is missing or unknown. */
export function payTypeOf(wire: string | undefined): PagePayType | undefined {
  const code = wire?.toUpperCase();
  return code !== undefined && Object.hasOwn(payTypes, code)
    ? payTypes[code as keyof typeof payTypes]
    : undefined;
}

/** What P_FN_CD1 and P_CARD_ISSUER_CODE name: their tables depend on the payment method. */
export interface PaidWith {
  /** The card company (P_FN_CD1 of a card); `paidThrough` names it. */
  readonly cardCode?: string | undefined;
  /** The card's issuer (P_CARD_ISSUER_CODE), a code of `banksAndIssuers`. */
  readonly issuerCode?: string | undefined;
  /** The bank of a transfer or virtual account (P_FN_CD1), a code of `banksAndIssuers`; `BW` is a bank wallet. */
  readonly bankCode?: string | undefined;
  /** The first three digits of the phone's number (P_FN_CD1 of a phone), such as `010`. */
  readonly phonePrefix?: string | undefined;
}

/** Sorts the codes of a payment by the payment method. Without a method, P_FN_CD1 could be of any table, so it is left out. */
export function paidWith(
  payType: PagePayType | undefined,
  { fnCode, issuerCode }: { readonly fnCode: string | undefined; readonly issuerCode: string | undefined },
): PaidWith {
  switch (payType) {
    case "card":
      return { cardCode: fnCode, issuerCode };
    case "bank":
    case "vbank":
      return { bankCode: fnCode };
    case "hpp":
      return { phonePrefix: fnCode };
    case undefined:
      return {};
  }
}

/** The account and its deadline in P_RMESG1, as `P_VACCT_NO=…` and `P_EXP_DT=…` in any order, with any separator or none. */
export function accountInMessage(text: string): {
  readonly accounts: readonly string[];
  readonly dueDates: readonly string[];
} {
  const values = (pattern: RegExp) => Array.from(text.matchAll(pattern), ([, value = ""]) => value);
  return {
    accounts: values(/P_VACC?T_(?:NO|NUM) ?= ?([0-9][0-9-]{0,40})/gi),
    dueDates: values(/P_EXP_DT ?= ?(\d{8,14})/gi),
  };
}

/** Reads a deadline of 8, 12 or 14 digits in Korean time; one without a time ends with its day. */
export function readDueDate(digits: string): Date | undefined {
  const time = digits.slice(8);
  return parseKoreanTime(digits.slice(0, 8), time === "" ? "235959" : time.padEnd(6, "0"));
}
