/** A problem in both languages, with its HTTP status. */
export interface ProblemMessage {
  readonly status: number;
  readonly ko: readonly [title: string, detail: string];
  readonly en: readonly [title: string, detail: string];
}

/** Every problem of the handler, in both languages. */
export const problemTable = {
  "malformed-json": {
    status: 400,
    ko: ["요청을 읽을 수 없습니다", "요청 본문이 올바른 JSON 객체가 아닙니다."],
    en: ["Unreadable request", "The body must be one JSON object in UTF-8 without repeated keys."],
  },
  "body-incomplete": {
    status: 400,
    ko: ["요청이 끊겼습니다", "요청 본문이 끝까지 도착하지 않았습니다. 결제는 시도되지 않았습니다."],
    en: ["Incomplete request", "The body did not arrive completely. Nothing was sent to the gateway."],
  },
  "invalid-idempotency-key": {
    status: 400,
    ko: ["Idempotency-Key가 올바르지 않습니다", "1~200자의 ASCII 문자로 된 키 하나를 보내 주세요."],
    en: ["Invalid Idempotency-Key", "Send one key of 1 to 200 visible ASCII characters, such as a UUID."],
  },
  "origin-refused": {
    status: 403,
    ko: ["허용되지 않은 출처입니다", "이 상점의 페이지에서 보낸 요청만 받습니다."],
    en: [
      "Origin refused",
      "Only requests from the shop's own pages are accepted (Origin must equal publicOrigin).",
    ],
  },
  forbidden: {
    status: 403,
    ko: ["권한이 없습니다", "이 주문에 대한 권한이 없습니다."],
    en: ["Forbidden", "You are not allowed to do this with this order."],
  },
  "source-refused": {
    status: 403,
    ko: ["허용되지 않은 주소입니다", "결제사의 주소에서 온 알림만 받습니다."],
    en: ["Source refused", "Notifications are accepted only from the addresses in sources."],
  },
  "not-found": {
    status: 404,
    ko: ["찾을 수 없습니다", "요청한 주소가 없습니다."],
    en: ["Not found", "This route does not exist. Check that groups lists its group."],
  },
  "order-not-found": {
    status: 404,
    ko: ["주문을 찾을 수 없습니다", "주문 번호를 확인해 주세요."],
    en: ["Order not found", "This order does not exist. Check the order id."],
  },
  "link-not-found": {
    status: 404,
    ko: ["결제 링크를 찾을 수 없습니다", "이 상점에서 만든 결제 링크가 아닙니다."],
    en: ["Link not found", "This shop did not create this payment link."],
  },
  "key-not-found": {
    status: 404,
    ko: ["등록된 결제수단을 찾을 수 없습니다", "결제수단 번호를 확인해 주세요."],
    en: ["Billing key not found", "This billing key does not exist. Check its id."],
  },
  "method-not-allowed": {
    status: 405,
    ko: ["허용되지 않은 메서드입니다", "Allow 헤더에 있는 메서드만 쓸 수 있습니다."],
    en: ["Method not allowed", "Use one of the methods in the Allow header."],
  },
  "request-timeout": {
    status: 408,
    ko: ["요청이 너무 느립니다", "요청 본문이 제때 도착하지 않았습니다. 결제는 시도되지 않았습니다."],
    en: ["Request timeout", "The body did not arrive in time. Nothing was sent to the gateway."],
  },
  "body-too-large": {
    status: 413,
    ko: ["요청이 너무 큽니다", "요청 본문은 JSON 64 KiB, 폼 128 KiB까지입니다."],
    en: ["Body too large", "The body must not exceed 64 KiB of JSON, or 128 KiB of a form."],
  },
  "unsupported-media-type": {
    status: 415,
    ko: ["지원하지 않는 형식입니다", "Content-Type은 application/json이어야 하며 압축할 수 없습니다."],
    en: [
      "Unsupported media type",
      "Content-Type must be application/json, and the body must not be compressed.",
    ],
  },
  "form-expected": {
    status: 415,
    ko: [
      "지원하지 않는 형식입니다",
      "Content-Type은 application/x-www-form-urlencoded여야 하며 압축할 수 없습니다.",
    ],
    en: [
      "Form expected",
      "Content-Type must be application/x-www-form-urlencoded, and the body must not be compressed.",
    ],
  },
  "invalid-input": {
    status: 422,
    ko: [
      "입력값을 확인해 주세요",
      "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
    ],
    en: ["Invalid input", "Correct the fields named in errors. Nothing was sent to the gateway."],
  },
  "idempotency-key-reused": {
    status: 422,
    ko: [
      "이미 다른 요청에 쓰인 키입니다",
      "같은 Idempotency-Key로 다른 내용을 보낼 수 없습니다. 결제는 시도되지 않았습니다.",
    ],
    en: [
      "Idempotency-Key reused",
      "This key was used for a request with other content. Nothing was sent to the gateway.",
    ],
  },
  declined: {
    status: 402,
    ko: [
      "결제가 승인되지 않았습니다",
      "카드사에서 거절했습니다. 돈은 빠져나가지 않았으며, 다른 카드로 다시 시도할 수 있습니다.",
    ],
    en: ["Declined", "The card was declined. No money moved. You can try another card."],
  },
  "cancel-refused": {
    status: 409,
    ko: [
      "취소가 거절되었습니다",
      "결제사에서 취소를 거절했습니다. 결제사 관리자 화면에서 이미 취소된 결제인지 확인해 주세요.",
    ],
    en: [
      "Cancel refused",
      "The gateway refused the cancel. Check in its console whether the payment is already cancelled.",
    ],
  },
  "too-many-attempts": {
    status: 429,
    ko: [
      "시도 횟수를 초과했습니다",
      "잠시 후 다시 시도해 주세요. Retry-After에 남은 시간(초)이 있습니다. 결제는 시도되지 않았습니다.",
    ],
    en: [
      "Too many attempts",
      "Wait for the number of seconds in Retry-After, then try again. Nothing was sent to the gateway.",
    ],
  },
  "request-in-progress": {
    status: 409,
    ko: [
      "처리 중인 요청입니다",
      "같은 Idempotency-Key의 요청을 처리하고 있습니다. 잠시 후 다시 확인해 주세요.",
    ],
    en: [
      "Request in progress",
      "A request with this Idempotency-Key is still running. Try again in a moment.",
    ],
  },
  "gateway-refused": {
    status: 409,
    ko: ["결제사가 거절했습니다", "결제사에서 요청을 거절했습니다. 돈은 움직이지 않았습니다."],
    en: [
      "Refused by the gateway",
      "The gateway refused the request; gateway has its message. No money moved.",
    ],
  },
  "key-not-active": {
    status: 409,
    ko: ["사용할 수 없는 결제수단입니다", "해지되었거나 등록이 끝나지 않은 결제수단입니다."],
    en: ["Billing key not active", "The billing key was deleted, or its issue did not succeed."],
  },
  "key-unknown": {
    status: 409,
    ko: [
      "등록 결과를 확인할 수 없습니다",
      "결제수단은 등록되지 않았고 돈은 움직이지 않았습니다. 다시 등록해 주세요.",
    ],
    en: [
      "Issue unknown",
      "It is not known whether the gateway issued a key, and none was stored. No money moved. Issue another key.",
    ],
  },
  "escrow-unknown": {
    status: 409,
    ko: ["처리 결과를 확인할 수 없습니다", "에스크로 상태를 먼저 조회한 뒤 필요할 때만 다시 시도해 주세요."],
    en: [
      "Escrow outcome unknown",
      "Check the escrow status first. Repeat the call only if the status shows that it was not done.",
    ],
  },
  "outcome-unknown": {
    status: 409,
    ko: [
      "결과를 확인하고 있습니다",
      "처리되었는지 아직 알 수 없습니다. 다시 시도하지 말고 확인이 끝날 때까지 기다려 주세요.",
    ],
    en: [
      "Outcome unknown",
      "It is not known yet whether money moved. Don't try again. The order is locked until the outcome is resolved.",
    ],
  },
  "needs-review": {
    status: 409,
    ko: [
      "확인이 필요합니다",
      "결제사의 응답이 주문과 다릅니다. 담당자가 확인하고 있으니 다시 시도하지 마세요.",
    ],
    en: [
      "Needs review",
      "The gateway's answer differs from the request. Don't try again. An operator is reviewing the order.",
    ],
  },
  "in-progress": {
    status: 409,
    ko: ["처리 중입니다", "이 주문은 지금 처리 중입니다. 잠시 후 주문 상태를 확인해 주세요."],
    en: ["In progress", "A call for this order is still running. Check the order's status in a moment."],
  },
  "already-paid": {
    status: 409,
    ko: ["이미 결제된 주문입니다", "이 주문은 이미 결제되어 다시 결제되지 않았습니다."],
    en: ["Already paid", "This order is already paid. It was not charged again."],
  },
  "already-cancelled": {
    status: 409,
    ko: ["이미 취소되었습니다", "이 결제는 이미 모두 취소되었습니다."],
    en: ["Already cancelled", "This payment is already fully cancelled."],
  },
  "not-paid": {
    status: 409,
    ko: ["결제되지 않은 주문입니다", "취소할 결제가 없습니다."],
    en: ["Not paid", "This order has no payment to cancel."],
  },
  "remaining-differs": {
    status: 409,
    ko: ["남은 금액이 다릅니다", "취소할 수 있는 금액이 바뀌었습니다. 현재 금액을 확인해 주세요."],
    en: [
      "Remaining amount differs",
      "cancelPrice and confirmPrice must add up to the remaining amount, which has changed. Check the order's status.",
    ],
  },
  "tid-used": {
    status: 409,
    ko: ["이미 사용된 인증입니다", "이 인증으로는 다시 결제할 수 없습니다. 주문 상태를 확인해 주세요."],
    en: [
      "Authentication used",
      "This transaction of the payment page was already used. Check the order's status.",
    ],
  },
  "internal-error": {
    status: 500,
    ko: ["오류가 발생했습니다", "잠시 후 주문 상태를 먼저 확인해 주세요."],
    en: ["Internal error", "Check the order's status before you try again."],
  },
  "body-consumed": {
    status: 500,
    ko: ["서버 설정 오류입니다", "다른 미들웨어가 요청 본문을 먼저 읽었습니다. 결제는 시도되지 않았습니다."],
    en: [
      "Body consumed",
      "A body parser read the request first. Mount PAYAPI's endpoints above it: app.use(basePath, createPayApiMiddleware(…)), then app.use(express.json()).",
    ],
  },
  "gateway-no-answer": {
    status: 502,
    ko: ["결제사가 응답하지 않았습니다", "돈은 움직이지 않았습니다. 잠시 후 다시 시도해 주세요."],
    en: [
      "No answer from the gateway",
      "The gateway sent no usable answer. No money moved. Try again in a moment.",
    ],
  },
  "not-sent": {
    status: 503,
    ko: [
      "결제사에 연결하지 못했습니다",
      "요청이 전송되지 않아 돈은 빠져나가지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: ["Not sent", "The gateway could not be reached. Nothing was sent. Try again in a moment."],
  },
  "ledger-unavailable": {
    status: 503,
    ko: [
      "지금은 처리할 수 없습니다",
      "원장에 연결할 수 없어 아무것도 전송하지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: [
      "Ledger unavailable",
      "The ledger could not be reached, so nothing was sent. Try again in a moment.",
    ],
  },
} as const satisfies Record<string, ProblemMessage>;

/** The `code` of a problem. */
export type ProblemCode = keyof typeof problemTable;
