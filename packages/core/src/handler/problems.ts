import type { Problem } from "../errors.js";
import { preferredLanguage } from "../language.js";
import type { OrderView } from "./order-view.js";

interface Words {
  readonly status: number;
  readonly ko: readonly [title: string, detail: string];
  readonly en: readonly [title: string, detail: string];
}

/** Every problem the handler answers with, in both languages. */
export const problemTable = {
  "malformed-json": {
    status: 400,
    ko: ["요청을 읽을 수 없습니다", "요청 본문이 올바른 JSON 객체가 아닙니다."],
    en: ["Unreadable request", "The body is not one JSON object in UTF-8 without repeated keys."],
  },
  "origin-refused": {
    status: 403,
    ko: ["허용되지 않은 출처입니다", "이 상점의 페이지에서 보낸 요청만 받습니다."],
    en: [
      "Origin refused",
      "Only requests from the shop's own pages are taken (Origin must equal publicOrigin).",
    ],
  },
  forbidden: {
    status: 403,
    ko: ["권한이 없습니다", "이 주문에 대한 권한이 없습니다."],
    en: ["Forbidden", "You may not do this with this order."],
  },
  "not-found": {
    status: 404,
    ko: ["찾을 수 없습니다", "요청한 주소가 없습니다."],
    en: ["Not found", "There is no such route; is its group listed in groups?"],
  },
  "order-not-found": {
    status: 404,
    ko: ["주문을 찾을 수 없습니다", "주문 번호를 확인해 주세요."],
    en: ["Order not found", "There is no such order."],
  },
  "method-not-allowed": {
    status: 405,
    ko: ["허용되지 않은 방식입니다", "Allow 헤더에 있는 방식만 쓸 수 있습니다."],
    en: ["Method not allowed", "Use one of the methods in the Allow header."],
  },
  "request-timeout": {
    status: 408,
    ko: ["요청이 너무 느립니다", "요청 본문이 제때 도착하지 않았습니다. 결제는 시도되지 않았습니다."],
    en: ["Request timeout", "The body did not arrive in time. Nothing was sent to the gateway."],
  },
  "body-too-large": {
    status: 413,
    ko: ["요청이 너무 큽니다", "요청 본문은 64 KiB까지입니다."],
    en: ["Body too large", "A body may have at most 64 KiB."],
  },
  "unsupported-media-type": {
    status: 415,
    ko: ["지원하지 않는 형식입니다", "Content-Type은 application/json이어야 하며 압축할 수 없습니다."],
    en: [
      "Unsupported media type",
      "Content-Type must be application/json, and the body must not be compressed.",
    ],
  },
  "invalid-input": {
    status: 422,
    ko: [
      "입력값을 확인해 주세요",
      "errors에 적힌 항목을 고쳐 다시 시도해 주세요. 결제는 시도되지 않았습니다.",
    ],
    en: ["Invalid input", "Mend the fields named in errors. Nothing was sent to the gateway."],
  },
  declined: {
    status: 402,
    ko: [
      "결제가 승인되지 않았습니다",
      "카드사에서 거절했습니다. 돈은 빠져나가지 않았으며, 다른 카드로 다시 시도할 수 있습니다.",
    ],
    en: ["Declined", "The card was declined. No money moved; another card may be tried."],
  },
  "cancel-refused": {
    status: 409,
    ko: ["취소가 거절되었습니다", "결제사에서 취소를 거절했습니다. 결제는 그대로입니다."],
    en: ["Cancel refused", "The gateway refused the cancel. The payment is as it was."],
  },
  "outcome-unknown": {
    status: 409,
    ko: [
      "결과를 확인하고 있습니다",
      "처리되었는지 아직 알 수 없습니다. 다시 시도하지 마시고 확인을 기다려 주세요.",
    ],
    en: [
      "Outcome unknown",
      "Nobody knows yet whether money moved. Don't try again; the order is locked until it is settled.",
    ],
  },
  "needs-attention": {
    status: 409,
    ko: [
      "확인이 필요합니다",
      "결제사의 응답이 주문과 다릅니다. 담당자가 확인하고 있으니 다시 시도하지 마세요.",
    ],
    en: [
      "Needs attention",
      "The gateway's answer differs from what was asked. An operator must settle it; don't try again.",
    ],
  },
  "in-progress": {
    status: 409,
    ko: ["처리 중입니다", "이 주문은 지금 처리 중입니다. 잠시 후 주문 상태를 확인해 주세요."],
    en: ["In progress", "A call for this order is running. Ask for the order's status in a moment."],
  },
  "already-paid": {
    status: 409,
    ko: ["이미 결제된 주문입니다", "이 주문은 이미 결제되어 다시 결제되지 않았습니다."],
    en: ["Already paid", "This order is paid; it was not charged again."],
  },
  "already-cancelled": {
    status: 409,
    ko: ["이미 취소되었습니다", "이 결제는 이미 모두 취소되었습니다."],
    en: ["Already cancelled", "All of this payment was cancelled already."],
  },
  "not-paid": {
    status: 409,
    ko: ["결제되지 않은 주문입니다", "취소할 결제가 없습니다."],
    en: ["Not paid", "There is no payment to cancel."],
  },
  "remaining-differs": {
    status: 409,
    ko: ["남은 금액이 다릅니다", "취소할 수 있는 금액이 바뀌었습니다. 현재 금액을 확인해 주세요."],
    en: ["Remaining amount differs", "cancelPrice and confirmPrice don't add up to what remains now."],
  },
  "tid-used": {
    status: 409,
    ko: ["이미 사용된 인증입니다", "이 인증으로는 다시 결제할 수 없습니다. 주문 상태를 확인해 주세요."],
    en: ["Authentication used", "The payment page's transaction was used before. Ask for the order's status."],
  },
  "internal-error": {
    status: 500,
    ko: ["오류가 발생했습니다", "잠시 후 주문 상태를 먼저 확인해 주세요."],
    en: ["Internal error", "Ask for the order's status before you try again."],
  },
  "not-sent": {
    status: 503,
    ko: [
      "결제사에 연결하지 못했습니다",
      "요청이 전송되지 않아 돈은 빠져나가지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: ["Not sent", "The gateway could not be reached. Nothing was sent, so it may be tried again."],
  },
  "record-unavailable": {
    status: 503,
    ko: [
      "지금은 처리할 수 없습니다",
      "기록을 남길 수 없어 결제를 시도하지 않았습니다. 잠시 후 다시 시도해 주세요.",
    ],
    en: ["Record unavailable", "The payment record could not be reached, so nothing was sent."],
  },
} as const satisfies Record<string, Words>;

/** The `code` of a problem. */
export type ProblemCode = keyof typeof problemTable;

/** An answer other than success, thrown on the way to it. */
export class HandlerProblem extends Error {
  readonly code: ProblemCode;
  readonly extra: ProblemExtra;

  constructor(code: ProblemCode, extra: ProblemExtra = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

/** What a problem may say beside its words. */
export interface ProblemExtra {
  readonly order?: OrderView | undefined;
  readonly errors?: readonly Problem[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Writes a problem as `application/problem+json` (RFC 9457) in the language the browser prefers. */
export function problemResponse({ code, extra }: HandlerProblem, request: Request): Response {
  const words: Words = problemTable[code];
  const language = preferredLanguage(request.headers.get("accept-language"));
  const [title, detail] = words[language];
  const { order, errors, headers } = extra;
  const body = {
    type: `urn:payapi:problem:${code}`,
    title,
    status: words.status,
    detail,
    code,
    order,
    errors,
  };
  return new Response(JSON.stringify(body), {
    status: words.status,
    headers: {
      "content-type": "application/problem+json; charset=utf-8",
      "content-language": language,
      "cache-control": "no-store",
      ...headers,
    },
  });
}
