/** A payment method of the payment page. */
export interface PayMethod {
  /** Its name in cancels (`payType`) and links. */
  readonly payType: "card" | "vbank" | "hpp" | "bank";
  /** `P_TYPE` in results and notifications. */
  readonly type: string;
  /** Its code in escrow purchases; `undefined` without escrow. */
  readonly escrowCode?: string;
  readonly ko: string;
  readonly en: string;
}

/** The payment methods, in the page's order. */
export const payMethods: readonly PayMethod[] = [
  { payType: "card", type: "CARD", escrowCode: "0", ko: "신용카드", en: "card" },
  { payType: "vbank", type: "VBANK", escrowCode: "17", ko: "가상계좌", en: "virtual account" },
  { payType: "hpp", type: "MOBILE", ko: "휴대폰", en: "mobile phone" },
  { payType: "bank", type: "BANK", escrowCode: "16", ko: "계좌이체", en: "account transfer" },
];

/** Returns the payment method with this name. */
export function payMethodOf(payType: string): PayMethod | undefined {
  return payMethods.find((method) => method.payType === payType);
}

/** A bank or a card company that the payment page offers. */
export interface Institution {
  readonly code: string;
  readonly ko: string;
  /** Its cards are paid through the ISP. */
  readonly isp?: true;
  /** The bank that issues its cards. */
  readonly issuer?: string;
  /** Its cards can only be cancelled in full. */
  readonly isWhole?: true;
}

/** Card companies, by their acquirer's code. */
export const cardCompanies: readonly Institution[] = [
  { code: "14", ko: "신한", issuer: "88" },
  { code: "12", ko: "삼성" },
  { code: "04", ko: "현대" },
  { code: "06", ko: "국민", isp: true, issuer: "04" },
  { code: "11", ko: "BC", isp: true, issuer: "03" },
  { code: "03", ko: "롯데" },
  { code: "17", ko: "하나카드", issuer: "81" },
  { code: "16", ko: "NH", issuer: "11" },
  { code: "26", ko: "중국은련 (부분 취소 불가)", isWhole: true },
];

/** Banks for virtual accounts and transfers. */
export const banks: readonly Institution[] = [
  { code: "04", ko: "국민은행" },
  { code: "88", ko: "신한(통합)은행" },
  { code: "20", ko: "우리은행" },
  { code: "81", ko: "하나은행" },
  { code: "11", ko: "농협중앙회" },
  { code: "03", ko: "기업은행" },
  { code: "71", ko: "우체국" },
  { code: "90", ko: "카카오뱅크" },
];

/** Mobile phone companies. */
export const carriers: readonly Institution[] = [
  { code: "SKT", ko: "SKT" },
  { code: "KT", ko: "KT" },
  { code: "LGU", ko: "LG U+" },
];

/** The institution with this code; the list's first if there is none. */
export function institutionOf(list: readonly Institution[], code: string | undefined): Institution {
  const found = list.find((institution) => institution.code === code) ?? list[0];
  if (!found) throw new Error("the list of institutions is empty");
  return found;
}
