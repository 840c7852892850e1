/** The request fields that all or several services share. */
export const mid = { ko: "가맹점ID", size: 10, required: true, codec: "text", filledBy: "config" } as const;

export const timestamp = {
  ko: "타임스탬프",
  size: 14,
  required: true,
  codec: "text",
  filledBy: "clock",
} as const;

export const signature = {
  ko: "검증값",
  size: null,
  required: true,
  codec: "text",
  filledBy: "signature",
  secret: true,
} as const;

export const payType = { ko: "결제수단", size: 10, required: true, codec: "word" } as const;

export const tid = { ko: "거래ID", size: 40, required: true, codec: "text" } as const;

export const oid = { ko: "상점주문번호", size: 40, required: true, codec: "text" } as const;

export const currency = {
  ko: "통화",
  size: 3,
  required: true,
  codec: "choice",
  choices: { WON: "WON", USD: "USD" },
  default: "WON",
} as const;

export const tax = { ko: "부가세", size: 10, required: false, codec: "amount-or-zero" } as const;

export const taxfree = { ko: "비과세", size: 10, required: false, codec: "amount-or-zero" } as const;

export const goodsName = { ko: "상품명", size: 80, required: false, codec: "text" } as const;

export const buyer = {
  buyerName: { ko: "구매자명", size: 30, required: true, codec: "text" },
  buyerTel: { ko: "구매자전화번호", size: 40, required: false, codec: "text" },
  buyerEmail: { ko: "구매자이메일", size: 40, required: false, codec: "text" },
} as const;

export const card = {
  cardNumber: {
    ko: "카드번호",
    size: 16,
    required: true,
    codec: "card-number",
    encrypted: true,
    secret: true,
  },
  cardExpireYY: { ko: "유효기간(년)", size: 2, required: true, codec: "year", secret: true },
  cardExpireMM: { ko: "유효기간(월)", size: 2, required: true, codec: "month", secret: true },
} as const;

export const cardQuota = {
  ko: "할부개월수",
  size: 2,
  required: true,
  codec: "installments",
  default: 0,
} as const;

export const quotaInterest = {
  ko: "무이자여부",
  size: 1,
  required: true,
  codec: "choice",
  choices: { normal: "0", "interest-free": "1" },
  default: "normal",
} as const;

export const price = { ko: "금액", size: 10, required: true, codec: "amount" } as const;

export const optionalPrice = { ...price, required: false } as const;

export const registNo = {
  ko: "생년월일",
  size: 20,
  required: false,
  codec: "regist-no",
  encrypted: true,
  secret: true,
} as const;

export const passwd = {
  ko: "비밀번호",
  size: 2,
  required: false,
  codec: "two-digits",
  encrypted: true,
  secret: true,
} as const;

export const payPeriodCode = { ko: "결제주기코드", size: 4, required: false, codec: "word" } as const;

export const etc = { ko: "비고", size: 100, required: false, codec: "text" } as const;

export const billkey = { ko: "빌키", size: 40, required: true, codec: "ascii", secret: true } as const;

export const clientIp = { ko: "IP", size: 15, required: true, codec: "ipv4" } as const;

export const originalTid = { ...tid, wire: "originalTid" } as const;

export const actingName = { ko: "처리자 이름", size: null, required: true, codec: "text" } as const;
