/** A way of paying on the payment page. */
export interface PayMethod {
  /** What merchants call it when they cancel (`payType`), and when they ask for a link. */
  readonly payType: "card" | "vbank" | "hpp" | "bank";
  /** `P_TYPE` in results and notifications. */
  readonly type: string;
  /** The code of an escrow purchase's way of paying; absent: no escrow. */
  readonly escrowCode?: string;
  readonly ko: string;
  readonly en: string;
}

/** The ways of paying, in the page's order. */
export const payMethods: readonly PayMethod[] = [
  { payType: "card", type: "CARD", escrowCode: "0", ko: "신용카드", en: "card" },
  { payType: "vbank", type: "VBANK", escrowCode: "17", ko: "가상계좌", en: "virtual account" },
  { payType: "hpp", type: "MOBILE", ko: "휴대폰", en: "mobile phone" },
  { payType: "bank", type: "BANK", escrowCode: "16", ko: "계좌이체", en: "account transfer" },
];

/** The way of paying that merchants call so. */
export function payMethodOf(payType: string): PayMethod | undefined {
  return payMethods.find((method) => method.payType === payType);
}
