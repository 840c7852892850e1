/**
 * The sandbox's own result codes. The gateway publishes no list (only `00`; `01` was observed on a second cancel), so clients must only
 * test for success codes, never for these.
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

/**
 * Why a well-formed request is not carried out: HTTP 200 with one of these. `rejectedBefore` is no success: the
 * operation that answers it succeeds with 310000.
 */
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
  notPartly: { code: "1016", ko: "부분취소할 수 없는 카드입니다" },
  noInstallments: { code: "2004", ko: "할부를 이용할 수 없는 금액 또는 카드입니다" },
  deliveryRegistered: { code: "1010", ko: "이미 배송등록된 순번입니다. 변경은 report=U로 요청하십시오" },
  noDelivery: { code: "1011", ko: "변경할 배송등록이 없습니다" },
  cannotDeliver: { code: "1012", ko: "배송등록할 수 없는 상태입니다" },
  notAPagePayment: { code: "1013", ko: "결제창 거래가 아니므로 망취소할 수 없습니다" },
  approvedBefore: { code: "1014", ko: "이미 승인된 거래입니다" },
  cannotApprove: { code: "1015", ko: "승인할 수 없는 거래입니다" },
  unknownBillkey: { code: "3001", ko: "등록되지 않은 빌키입니다" },
  deletedBillkey: { code: "3002", ko: "삭제된 빌키입니다" },
  notACardKey: { code: "3003", ko: "신용카드 빌키가 아닙니다" },
  notAMobileKey: { code: "3004", ko: "휴대폰 빌키가 아닙니다" },
  mobilePriceDiffers: { code: "3005", ko: "빌키 발급 금액과 다릅니다" },
  outsideMobilePeriod: { code: "3006", ko: "승인 가능 기간(발급일 전후 5일)이 아닙니다" },
  chargedThisMonth: { code: "3007", ko: "이번 달에 이미 승인된 빌키입니다" },
  badCardNumber: { code: "2001", ko: "카드번호가 올바르지 않습니다" },
  notATestCard: {
    code: "2002",
    ko: "테스트 카드가 아닙니다. 샌드박스에서는 테스트 카드만 사용할 수 있습니다",
  },
  expired: { code: "2003", ko: "유효기간이 지난 카드입니다" },
  // The codes of the guide's page on the buyer's escrow decision; that 6.1 to 6.5 use them is a decision.
  purchaseConfirmed: { code: "310014", ko: "이미 구매확정된 거래입니다" },
  cannotConfirm: { code: "310015", ko: "구매확정할 수 없는 상태입니다" },
  cannotReject: { code: "310017", ko: "구매거절할 수 없는 상태입니다" },
  cannotDecide: { code: "310020", ko: "구매결정할 수 없는 상태입니다" },
  noEscrowPayment: { code: "310026", ko: "원거래가 존재하지 않습니다" },
  rejectedBefore: { code: "00", ko: "이미 구매거절된 거래입니다" },
} as const;

/** A malformed request, answered with 4xx. The message may name a field and never contains a value. */
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
