/** Reply values that several services give in the same form. */
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
