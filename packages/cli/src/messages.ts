import type { BillingKey, ErrorCode, NotificationReceipt, OrderStatus } from "@payapi/core";
import type { DepositNotification, MobileNotification, NotificationKind } from "@payapi/core/notifications";
import type {
  ApprovalState,
  CancelState,
  LedgerErrorCode,
  LedgerEvents,
  NotificationReason,
  TransitionKind,
} from "@payapi/ledger";
import type { Text } from "./text.js";

type Messages<Code extends string> = Readonly<Record<Code, Text>>;

/** Names of fields and columns that several commands show. */
export const labels = {
  order: { en: "order", ko: "주문번호" },
  state: { en: "state", ko: "상태" },
  environment: { en: "environment", ko: "환경" },
  price: { en: "price", ko: "금액" },
  amount: { en: "amount", ko: "금액" },
  remaining: { en: "remaining", ko: "남은 금액" },
  call: { en: "call", ko: "요청" },
  kind: { en: "kind", ko: "종류" },
  customerId: { en: "customer", ko: "고객" },
  effect: { en: "effect", ko: "처리 결과" },
  consumer: { en: "consumer", ko: "소비자" },
  evidence: { en: "evidence", ko: "근거" },
  gatewaySays: { en: "gateway says", ko: "결제사 응답" },
} as const satisfies Messages<string>;

/** Messages for empty lists. */
export const none: Text = { en: "None.", ko: "없습니다." };

export const orderStatuses: Messages<OrderStatus> = {
  "in-progress": { en: "in progress", ko: "처리 중" },
  "awaiting-deposit": { en: "awaiting the deposit", ko: "입금 대기" },
  paid: { en: "paid", ko: "결제 완료" },
  "partially-cancelled": { en: "partially cancelled", ko: "부분 취소" },
  cancelled: { en: "cancelled", ko: "전체 취소" },
  "net-cancelled": { en: "net-cancelled", ko: "망취소" },
  declined: { en: "declined", ko: "승인 거절" },
  "not-sent": { en: "not charged", ko: "결제되지 않음" },
  unknown: { en: "outcome unknown", ko: "결과 확인 중" },
  "needs-review": { en: "needs review", ko: "확인 필요" },
};

export const callKinds: Messages<"approval" | "cancel"> = {
  approval: { en: "approval", ko: "승인" },
  cancel: { en: "cancel", ko: "취소" },
};

/** The states of calls. */
export const callStates: Messages<ApprovalState | CancelState> = {
  reserved: { en: "reserved", ko: "준비" },
  sending: { en: "no reply yet", ko: "전송 중" },
  approved: { en: "approved", ko: "승인됨" },
  approved_mismatch: { en: "another amount was approved", ko: "금액 불일치 승인" },
  approved_no_tid: { en: "approved without a tid", ko: "거래번호 없는 승인" },
  mismatch: { en: "mismatch with the ledger", ko: "원장과 불일치" },
  declined: { en: "declined", ko: "승인 거절" },
  not_sent: { en: "not sent", ko: "전송 안 됨" },
  unknown: { en: "outcome unknown", ko: "결과 확인 중" },
  settled_not_moved: { en: "resolved as not moved", ko: "미처리 확인" },
  net_cancelled: { en: "net-cancelled", ko: "망취소" },
  awaiting_deposit: { en: "awaiting the deposit", ko: "입금 대기" },
  done: { en: "done", ko: "완료" },
  refused: { en: "refused", ko: "거절됨" },
};

/** The subjects of timeline entries. */
export const transitionKinds: Messages<TransitionKind> = codes({
  approval: "승인",
  cancel: "취소",
  "approval-mismatch": "승인 불일치",
  "cancel-mismatch": "취소 불일치",
  notification: "알림",
  reversal: "회수된 입금",
  correction: "처리 결과 정정",
});

export const keyKinds: Messages<BillingKey["kind"]> = {
  card: { en: "card", ko: "카드" },
  mobile: { en: "phone", ko: "휴대폰" },
};

export const keyStates: Messages<BillingKey["state"]> = {
  issuing: { en: "being issued", ko: "발급 중" },
  active: { en: "in use", ko: "사용 중" },
  failed: { en: "not issued", ko: "발급되지 않음" },
  unknown: { en: "issue unknown", ko: "발급 결과 확인 중" },
  deleting: { en: "deletion not confirmed", ko: "삭제 확인 중" },
  deleted: { en: "deleted", ko: "삭제됨" },
};

export const notificationEffects: Messages<NotificationReceipt["effect"]> = {
  quarantined: { en: "quarantined", ko: "보류" },
  mismatch: { en: "mismatch", ko: "불일치" },
  applied: { en: "applied", ko: "반영됨" },
  known: { en: "already known", ko: "이미 반영됨" },
  ignored: { en: "no effect", ko: "영향 없음" },
};

/** The reasons why a notification was not applied. */
export const notificationReasons: Messages<NotificationReason> = {
  unrecognised: { en: "unreadable", ko: "해석할 수 없음" },
  "other-merchant": { en: "another merchant", ko: "다른 상점" },
  "unknown-order": { en: "unknown order", ko: "없는 주문" },
  "source-not-listed": { en: "source not listed", ko: "등록되지 않은 발신 주소" },
  "amount-differs": { en: "another amount", ko: "금액 다름" },
  "account-differs": { en: "another account", ko: "계좌 다름" },
  "pay-type-differs": { en: "another method", ko: "결제수단 다름" },
  "tid-differs": { en: "another tid", ko: "거래번호 다름" },
  "tid-of-another": { en: "another payment's tid", ko: "다른 결제의 거래번호" },
  "other-content": { en: "repeated with other content", ko: "내용이 다른 중복 알림" },
  "unexpected-money": { en: "unexpected money", ko: "예상하지 못한 입금" },
  duplicate: { en: "paid twice", ko: "이중 결제" },
  "price-changed": { en: "paid after the price changed", ko: "주문 금액이 바뀐 뒤의 입금" },
  "deposited-again": { en: "deposited twice", ko: "중복 입금" },
  reversed: { en: "deposit reversed", ko: "회수된 입금" },
  "cancelled-elsewhere": { en: "cancelled outside the ledger", ko: "원장 밖에서 취소됨" },
};

/** The reasons why a call to the gateway failed. */
const callFailures: Messages<ErrorCode> = codes({
  "invalid-config": "설정 오류",
  "invalid-input": "입력값 오류",
  "connection-failed": "결제사에 연결하지 못함",
  "tls-failed": "결제사 인증서 확인 실패",
  "unsupported-runtime": "지원하지 않는 런타임",
  "before-send-failed": "전송 전 기록 실패",
  "not-sent": "전송되지 않음",
  refused: "결제사 거절",
  "setup-fault": "상점 설정 오류(키, 상점 ID 등)",
  "request-rejected": "잘못된 요청(HTTP 4xx)",
  "net-cancelled": "망취소",
  "connection-lost": "응답 전에 연결 끊김",
  deadline: "응답 시간 초과",
  aborted: "전송 후 중단됨",
  "reply-too-large": "응답이 너무 큼",
  "reply-invalid": "응답을 해석할 수 없음",
  redirected: "다른 주소로 넘기는 응답",
  "http-error": "HTTP 오류 응답",
  "result-unproven": "성공 여부를 알 수 없는 결과 코드",
  "success-mismatch": "요청과 다른 승인",
  "success-incomplete": "거래번호 등이 없는 승인",
});

/** The failure codes of timeline entries: of failed calls, and of notifications that were not applied. */
export const failureCodes: Messages<string> = {
  ...codes(
    Object.fromEntries(Object.entries(notificationReasons).map(([code, { ko }]) => [code, ko] as const)),
  ),
  ...callFailures,
};

export const outcomes: Messages<"succeeded" | "refused" | "not-sent" | "unknown" | "moved"> = codes({
  succeeded: "성공",
  refused: "거절됨",
  "not-sent": "전송 안 됨",
  unknown: "결과 확인 중",
  moved: "요청과 다르게 처리됨",
});

export const payTypes: Messages<string> = codes({
  card: "카드",
  vbank: "가상계좌",
  hpp: "휴대폰",
  bank: "계좌이체",
});

export const notificationKinds: Messages<NotificationKind> = codes({
  mobile: "결제창",
  deposit: "가상계좌",
  escrow: "에스크로",
});

const moneyEvents: Messages<(MobileNotification | DepositNotification)["event"]> = codes({
  approved: "승인",
  deposited: "입금",
  "account-issued": "계좌 발급",
  failed: "실패",
  reversed: "회수된 입금",
  unrecognised: "해석할 수 없음",
});

/** The events of notifications; for escrow, its status. */
export const notificationEvents: Messages<string> = {
  ...moneyEvents,
  ...codes({
    "delivery-registered": "배송등록",
    "purchase-confirmed": "구매확정",
    "auto-confirmed": "자동 구매확정",
    "force-confirmed": "강제 구매확정",
    "purchase-rejected": "구매거절",
    cancelled: "취소",
    "rejection-confirmed": "구매거절 확인",
  }),
};

/** The ledger's events, which are delivered to the shop's own code. */
export const ledgerEvents: Messages<keyof LedgerEvents> = codes({
  approved: "결제 승인",
  deposited: "입금 완료",
  declined: "승인 거절",
  "setup-fault": "상점 설정 오류",
  unknown: "결과 확인 중",
  "needs-review": "확인 필요",
  cancelled: "전체 취소",
  "partially-cancelled": "부분 취소",
  "cancel-unknown": "취소 결과 확인 중",
  "net-cancelled": "망취소",
  "account-issued": "가상계좌 발급",
  reversed: "회수된 입금",
  settled: "미처리 확인",
  corrected: "처리 결과 정정",
  "key-issued": "빌키 발급",
  "key-changed": "빌키 변경",
  "key-deleted": "빌키 삭제",
  escrow: "에스크로",
  "notification-needs-review": "확인이 필요한 알림",
  "database-changed": "데이터베이스 변경",
});

/** Actors that are not persons. */
export const actors: Messages<string> = codes({
  recovery: "자동 복구",
  notification: "결제사 알림",
  migration: "테이블 생성",
});

/** Failures of a handler that its own code did not throw. */
export const handlerFailures: Messages<string> = codes({ "process-ended": "프로세스 종료" });

/** The reasons why a file of the journal is unreadable, beside codes of the operating system. */
export const unreadableFiles: Messages<string> = codes({
  "no-entry": "내용이 올바르지 않음",
  unreadable: "읽을 수 없음",
});

/** The reasons why the ledger refused. */
export const ledgerErrors: Messages<LedgerErrorCode> = codes({
  unavailable: "데이터베이스를 사용할 수 없음",
  "not-migrated": "테이블이 없거나 버전이 다름",
  "other-environment": "다른 환경의 결제가 있는 테이블",
  "unsafe-database": "결제를 기록할 수 없는 데이터베이스",
  "invalid-argument": "입력값 오류",
  "rate-limited": "시도 횟수 제한",
  "request-known": "이미 처리된 멱등성 키",
  "may-not-send": "전송할 수 없는 요청",
  "not-yours": "다른 프로세스가 처리한 요청",
  "database-changed": "승인되지 않은 데이터베이스",
  "clock-skew": "시계 차이가 큼",
  "not-replayed": "저널을 모두 기록하지 못함",
  "no-such-call": "없는 요청",
  "masked-tid": "가려진 거래번호",
  closing: "종료 중",
  "tid-used": "다른 결제가 사용 중인 거래번호",
  "broken-rule": "원장 규칙 위반",
  "no-secrets": "빌키 암호화 키 없음",
  "consumer-removed": "삭제된 소비자",
  "unreadable-key": "읽을 수 없는 빌키",
});

/** Codes that English readers see unchanged. */
function codes<Code extends string>(korean: Readonly<Record<Code, string>>): Messages<Code> {
  const entries = Object.entries<string>(korean).map(([code, ko]) => [code, { en: code, ko }]);
  return Object.fromEntries(entries) as Messages<Code>;
}
