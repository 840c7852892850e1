import { parseKoreanTime } from "../korean-time.js";
import type { PagePayType } from "./notification.js";

/** What P_FN_CD1 and P_CARD_ISSUER_CODE name: their tables depend on the payment method. */
export interface PaidWith {
  readonly cardCode?: string | undefined;
  readonly issuerCode?: string | undefined;
  readonly bankCode?: string | undefined;
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
