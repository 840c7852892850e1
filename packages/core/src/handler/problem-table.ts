import { type ProblemMessage, requestProblems } from "./request-problems.js";

/** Every problem of the handler, in both languages. */
export const problemTable = {
  ...requestProblems,
  declined: {
    status: 402,
    ko: [
      "결제가 승인되지 않았습니다",
      "카드사에서 거절해 결제되지 않았습니다. 다른 카드로 다시 시도할 수 있습니다.",
    ],
    en: ["Declined", "The card was declined. No money moved. You can try another card."],
  },
  "order-changed": {
    status: 409,
    ko: ["주문 금액이 바뀌었습니다", "결제는 시도되지 않았습니다. 금액을 확인하고 다시 시도해 주세요."],
    en: [
      "Order changed",
      "The order's price changed meanwhile. Nothing was charged. Check it and try again.",
    ],
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
    ko: ["결제사가 거절했습니다", "결제사에서 요청을 거절해 처리되지 않았습니다."],
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
    ko: ["등록 결과를 확인할 수 없습니다", "결제수단은 등록되지 않았습니다. 다시 등록해 주세요."],
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
  "not-partly-cancellable": {
    status: 409,
    ko: ["부분 취소할 수 없는 결제입니다", "이 카드는 부분 취소를 할 수 없습니다. 전체 취소만 가능합니다."],
    en: ["No partial cancel", "This card allows no partial cancel. Cancel the payment in full."],
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
    ko: [
      "서버 설정 오류입니다",
      "다른 코드가 요청 본문을 먼저 읽었습니다. 결제는 시도되지 않았습니다. express.json()보다 먼저 연결하고, Next.js에서는 request.clone()을 읽으세요.",
    ],
    en: [
      "Body consumed",
      "Other code read the request's body first. Nothing was sent to the gateway. In Express, mount createPayApiMiddleware above express.json(); in Next.js, read request.clone().",
    ],
  },
  "gateway-no-answer": {
    status: 502,
    ko: ["결제사가 응답하지 않았습니다", "처리되지 않았습니다. 잠시 후 다시 시도해 주세요."],
    en: [
      "No answer from the gateway",
      "The gateway sent no usable answer. No money moved. Try again in a moment.",
    ],
  },
  "not-sent": {
    status: 503,
    ko: [
      "결제사에 연결하지 못했습니다",
      "요청이 전송되지 않아 처리되지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: ["Not sent", "The gateway could not be reached. Nothing was sent. Try again in a moment."],
  },
  "shop-unavailable": {
    status: 503,
    ko: [
      "지금은 상점에서 처리할 수 없습니다",
      "카드가 아니라 상점의 결제 설정 문제로 처리되지 않았습니다. 상점에 문의해 주세요.",
    ],
    en: [
      "The shop can't do this now",
      "The shop's payment set-up has a problem, so nothing was done. No money moved, and your card is fine. Please contact the shop.",
    ],
  },
  "ledger-unavailable": {
    status: 503,
    ko: [
      "지금은 처리할 수 없습니다",
      "상점의 결제 기록을 지금 사용할 수 없어 처리되지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: [
      "Ledger unavailable",
      "The shop's payment records are not available right now, so nothing was sent. No money moved. Try again in a moment.",
    ],
  },
} as const satisfies Record<string, ProblemMessage>;

/** The `code` of a problem. */
export type ProblemCode = keyof typeof problemTable;
