/** A problem in both languages, with its HTTP status. */
export interface ProblemMessage {
  readonly status: number;
  readonly ko: readonly [title: string, detail: string];
  readonly en: readonly [title: string, detail: string];
}

/** Problems of requests that the handler rejects before it does anything, in both languages. */
export const requestProblems = {
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
    ko: ["허용되지 않은 출처입니다", "상점의 페이지에서 보낸 요청만 받습니다(Origin은 publicUrl의 출처)."],
    en: [
      "Origin refused",
      "Only requests from the shop's own pages are accepted (Origin must be the origin of publicUrl).",
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
} as const satisfies Record<string, ProblemMessage>;
