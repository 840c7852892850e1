/**
 * The sandbox's own result codes. The gateway publishes no list of them (only `00`, and `01` was seen on a second
 * cancellation), so clients must decide by "success or not", never by these numbers.
 */
export const rejections = {
  unknownPath: { status: 404, code: "9001", ko: "존재하지 않는 API 경로입니다" },
  method: { status: 405, code: "9002", ko: "POST 방식만 허용됩니다" },
  contentType: {
    status: 415,
    code: "9003",
    ko: "Content-Type은 application/x-www-form-urlencoded; charset=utf-8 이어야 합니다",
  },
  tooLarge: { status: 413, code: "9004", ko: "요청 본문이 너무 큽니다" },
  form: { status: 400, code: "9005", ko: "요청 본문의 형식이 올바르지 않습니다" },
  unknownField: { status: 400, code: "9006", ko: "정의되지 않은 항목이 있습니다" },
  missingField: { status: 400, code: "9007", ko: "필수 항목이 없습니다" },
  fieldValue: { status: 400, code: "9008", ko: "항목의 값이 올바르지 않습니다" },
  unknownMerchant: { status: 400, code: "9009", ko: "등록되지 않은 가맹점입니다" },
  timestamp: { status: 400, code: "9010", ko: "타임스탬프가 올바르지 않습니다" },
  signature: { status: 400, code: "9011", ko: "검증값이 일치하지 않습니다" },
  cipher: { status: 400, code: "9012", ko: "암호화된 항목을 복호화할 수 없습니다" },
} as const;

/** Why a well-formed request is not carried out: HTTP 200 with one of these. */
export const declines = {
  alreadyCancelled: { code: "01", ko: "이미 취소된 거래입니다" },
  duplicateOid: { code: "1001", ko: "이미 승인된 주문번호입니다" },
  unknownTid: { code: "1002", ko: "원거래가 존재하지 않습니다" },
  partlyCancelled: { code: "1003", ko: "부분취소된 거래는 전체취소할 수 없습니다. 부분취소를 이용하십시오" },
  priceDiffers: { code: "1004", ko: "취소 금액이 승인 금액과 다릅니다" },
  overRemaining: { code: "1005", ko: "취소 금액이 취소 가능 금액을 초과합니다" },
  confirmDiffers: { code: "1006", ko: "취소 후 남은 금액이 일치하지 않습니다" },
  payTypeDiffers: { code: "1007", ko: "결제수단이 원거래와 다릅니다" },
  taxTooHigh: { code: "1008", ko: "부가세가 금액의 10%를 초과합니다" },
  currencyDiffers: { code: "1009", ko: "통화가 원거래와 다릅니다" },
  badCardNumber: { code: "2001", ko: "카드번호가 올바르지 않습니다" },
  notATestCard: {
    code: "2002",
    ko: "테스트 카드가 아닙니다. 샌드박스에서는 테스트 카드만 사용할 수 있습니다",
  },
  expired: { code: "2003", ko: "유효기간이 지난 카드입니다" },
} as const;

/** A request that breaks the protocol: answered with a 4xx. Its message may name a field, never a value. */
export class Rejection extends Error {
  readonly status: number;
  readonly code: string;

  constructor(kind: keyof typeof rejections, field?: string) {
    const { status, code, ko } = rejections[kind];
    super(field === undefined ? ko : `${ko} (${field})`);
    this.name = "Rejection";
    this.status = status;
    this.code = code;
  }
}
