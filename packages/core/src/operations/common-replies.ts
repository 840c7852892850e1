/** The reply values that several services share. */
export const paidPrice = { wire: "Price", ko: "금액", size: 10, codec: "amount" } as const;

export const approvedAt = {
  codec: "korean-time",
  wire: ["PayDate", "PayTime"],
  ko: ["승인날짜", "승인시간"],
  size: [8, 6],
} as const;

export const cancelledAt = {
  codec: "korean-time",
  wire: ["CancelDate", "CancelTime"],
  ko: ["취소 날짜", "취소 시간"],
  size: [8, 6],
} as const;

export const merchantId = { wire: "Mid", ko: "가맹점 ID", size: 10, codec: "text" } as const;

export const originalTid = { wire: "Tid", ko: "거래ID", size: 40, codec: "text" } as const;

export const newTid = { wire: "tid", ko: "거래ID", size: 40, codec: "text" } as const;

export const applNum = { wire: "ApplNum", ko: "승인번호", size: 10, codec: "text" } as const;

export const cardResultCode = { wire: "CardResultCode", ko: "카드사 코드", size: 2, codec: "text" } as const;

export const issuedKey = { wire: "Billkey", ko: "빌키", size: 40, codec: "text", secret: true } as const;

export const issuedAt = {
  codec: "korean-time",
  wire: ["PayDate", "PayTime"],
  ko: ["빌키발급날짜", "빌키발급시간"],
  size: [8, 6],
} as const;

export const issueTid = { wire: "tid", ko: "거래번호", size: 40, codec: "text" } as const;

/**
 * The names under which replies repeat the merchant and the order number. The guide lists them for some services only; where any reply has
 * one, it must be the one that was asked about.
 */
export const identity = {
  mid: ["Mid", "mid", "P_MID", "idMerchant"],
  oid: ["Moid", "moid", "MOID", "oid", "noOid", "P_OID"],
} as const;
