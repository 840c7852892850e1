import { banksAndIssuers } from "./banks-and-issuers.js";
import { defineCodes, type NamedCode } from "./code-table.js";

export { banksAndIssuers } from "./banks-and-issuers.js";
export type { CodeTable, NamedCode } from "./code-table.js";
export { isShopFault, setupCodes } from "./setup-codes.js";

/** Card companies as acquirers: `cardCode` of a prefix lookup, `cardResultCode` of an issued billing key. */
export const acquirers = defineCodes({
  "01": ["하나(외한)", "Hana (formerly KEB)"],
  "03": ["롯데", "Lotte"],
  "04": ["현대", "Hyundai"],
  "06": ["국민", "KB Kookmin"],
  "11": ["BC", "BC"],
  "12": ["삼성", "Samsung"],
  "14": ["신한", "Shinhan"],
  "15": ["한미", "KorAm"],
  "16": ["NH", "NH"],
  "17": ["하나카드", "Hana Card"],
  "21": ["해외비자", "Visa (foreign)"],
  "22": ["해외마스터", "Mastercard (foreign)"],
  "23": ["JCB", "JCB"],
  "24": ["해외아멕스", "American Express (foreign)"],
  "25": ["해외다이너스", "Diners Club (foreign)"],
});

/** Card companies by the payment window's codes. */
export const cardWindowCodes = defineCodes({
  "01": ["외환", "KEB"],
  "03": ["롯데", "Lotte"],
  "04": ["현대", "Hyundai"],
  "06": ["국민", "KB Kookmin"],
  "11": ["비씨", "BC"],
  "12": ["삼성", "Samsung"],
  "14": ["신환(구 LG카드 포함)", "Shinhan (including former LG Card)"],
  "21": ["해외 VISA", "Visa (foreign)"],
  "22": ["해외 MASTER", "Mastercard (foreign)"],
  "23": ["해외 JCB", "JCB (foreign)"],
  "26": ["중국은련", "UnionPay"],
  "32": ["광주", "Kwangju"],
  "33": ["전북", "Jeonbuk"],
  "34": ["하나", "Hana"],
  "35": ["산업카드", "KDB Card"],
  "41": ["NH", "NH"],
  "43": ["씨티", "Citi"],
  "44": ["우리", "Woori"],
  "48": ["신협체크", "Shinhyup debit"],
  "51": ["수협", "Suhyup"],
  "52": ["제주", "Jeju"],
  "54": ["MG 새마을금고체크", "MG Saemaul debit"],
  "55": ["케이뱅크", "K bank"],
  "56": ["카카오뱅크", "KakaoBank"],
  "71": ["우체국체크", "Korea Post debit"],
  "81": ["하나BC", "Hana BC"],
  "95": ["저축은행체크", "Savings bank debit"],
});

/** Codes that stand in P_FN_CD1 beside those of `banksAndIssuers`. */
const wallets = defineCodes({ BW: ["뱅크월렛", "Bank Wallet"] });

/**
 * Names what a payment of the payment page was paid with (P_FN_CD1). The same code means a card company for cards, a bank for transfers and
 * virtual accounts, and the first three digits of the number for phones.
 *
 * @param payType the payment method, as in notifications and approvals
 */
export function paidThrough(payType: "card" | "bank" | "vbank" | "hpp", code: string): NamedCode {
  if (payType === "card") {
    const acquirer = acquirers.lookUp(code);
    return acquirer.known ? acquirer : cardWindowCodes.lookUp(code);
  }
  if (payType === "hpp")
    return { code, ko: `휴대폰 ${code}`, en: `Mobile phone ${code}`, known: /^01\d$/.test(code) };
  const wallet = wallets.lookUp(code);
  return wallet.known ? wallet : banksAndIssuers.lookUp(code);
}

/** Couriers, for `exCode` of an escrow delivery. */
export const couriers = defineCodes({
  "9999": ["기타택배", "Other"],
  kgb: ["로젠택배", "Logen"],
  cjgls: ["CJ대한통운", "CJ Logistics"],
  hyundai: ["롯데택배(구 현대택배)", "Lotte (formerly Hyundai)"],
  registpost: ["우편등기", "Registered mail"],
  EPOST: ["우체국택배", "Korea Post parcel"],
  hanjin: ["한진택배", "Hanjin"],
  kdexp: ["경동택배", "Kyungdong"],
  chunil: ["천일택배", "Chunil"],
  daesin: ["대신택배", "Daesin"],
  ilyang: ["일양로지스", "Ilyang Logis"],
  honam: ["호남택배", "Honam"],
  cvsnet: ["편의점택배", "Convenience store parcel"],
  hdexp: ["합동택배", "Hapdong"],
});

/**
 * The result codes of escrow calls. The guide lists them for the buyer's escrow page; that 6.1 to 6.5 use them as ResultCode is our
 * decision.
 */
export const escrowResults = defineCodes({
  "00": [
    "처리 완료 또는 이미 구매거절됨",
    "Processed, or the purchase was already rejected (see the message)",
  ],
  "310000": ["처리 완료", "Processed"],
  "310004": ["이미 통보된 결제", "Payment already notified"],
  "310006": ["취소할 수 없는 결제수단", "Payment method that cannot be cancelled"],
  "310014": ["이미 구매확정됨", "Purchase already confirmed"],
  "310015": ["구매확정할 수 없는 상태", "State in which a purchase cannot be confirmed"],
  "310017": ["구매거절할 수 없는 상태", "State in which a purchase cannot be rejected"],
  "310020": ["구매결정할 수 없는 상태", "State in which no purchase decision is possible"],
  "310026": ["원거래 없음", "No original transaction"],
});

/** The states of an escrow payment in the inquiry (6.5). Notifications use {@link escrowNotificationStates}. */
export const escrowInquiryStates = defineCodes({
  "0": ["승인", "Approved"],
  "1": ["당일취소", "Cancelled on the same day"],
  "2": ["익일 이후 취소", "Cancelled later"],
  "3": ["구매확정", "Purchase confirmed"],
  "10": ["구매거절", "Purchase rejected"],
});

/** The states of an escrow payment in notifications: 2 and 10 differ from {@link escrowInquiryStates}. */
export const escrowNotificationStates = defineCodes({
  "2": ["배송등록", "Delivery registered"],
  "3": ["구매확정", "Purchase confirmed"],
  "31": ["자동 구매확정", "Confirmed automatically"],
  "32": ["강제 구매확정", "Confirmed by force"],
  "4": ["구매거절", "Purchase rejected"],
  "8": ["취소", "Cancelled"],
  "10": ["구매거절 확인", "Rejection confirmed"],
});

const days = Array.from({ length: 31 }, (_, index) => index + 1);

/** Days of the month for `payPeriodCode`. The merchant admin shows them; charges do not depend on them. */
export const payPeriods = defineCodes(
  Object.fromEntries(
    days.map((day) => [
      `M${String(day).padStart(2, "0")}`,
      [`매달 ${day}일`, `Day ${day} of each month`] as const,
    ]),
  ),
);

/**
 * The observed result codes for the cancel of a transaction that is already cancelled. The guide lists no codes for cancels, so ask the
 * gateway whether the list is complete, and whether the codes have other meanings.
 */
export const alreadyCancelledCodes = defineCodes({
  "01": ["이미 취소된 거래", "Already cancelled"],
});
