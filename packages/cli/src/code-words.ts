import type { ErrorCode } from "@payapi/core";
import type { DepositNotification, MobileNotification, NotificationKind } from "@payapi/core/notifications";
import type { LedgerErrorCode, LedgerEvents } from "@payapi/ledger";
import { type Language, notificationReasons } from "./words.js";

/** Korean for codes that English readers see as they are. */
type Korean<Code extends string> = Readonly<Record<Code, string>>;

/** A code of the record's own, with Korean before it for those who read Korean. One that is not known is shown as it is. */
export function coded(code: string, korean: Readonly<Record<string, string>>, language: Language): string {
  const word = language === "ko" && Object.hasOwn(korean, code) ? korean[code] : undefined;
  return word === undefined ? code : `${word} (${code})`;
}

/** Why a call to the gateway failed. */
const callFailures: Korean<ErrorCode> = {
  "invalid-config": "설정 오류",
  "invalid-input": "입력값 오류",
  "connection-failed": "결제사에 연결하지 못함",
  "tls-failed": "결제사 인증서 확인 실패",
  "unsupported-runtime": "지원하지 않는 런타임",
  "before-send-failed": "전송 전 기록 실패",
  "not-sent": "전송되지 않음",
  refused: "결제사 거절",
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
};

/** Why a call failed, or why a notification was not simply applied: what a history keeps as the failure of a line. */
export const failureWords: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(notificationReasons).map(([code, { ko }]) => [code, ko])),
  ...callFailures,
};

/** What a call came to. */
export const outcomeWords: Korean<"succeeded" | "refused" | "not-sent" | "unknown" | "moved"> = {
  succeeded: "성공",
  refused: "거절됨",
  "not-sent": "전송 안 됨",
  unknown: "결과 미확인",
  moved: "요청과 다르게 처리됨",
};

export const payTypeWords: Readonly<Record<string, string>> = {
  card: "카드",
  vbank: "가상계좌",
  hpp: "휴대폰",
  bank: "계좌이체",
};

export const notificationKindWords: Korean<NotificationKind> = {
  mobile: "결제창",
  deposit: "가상계좌",
  escrow: "에스크로",
};

const notificationEvents: Korean<(MobileNotification | DepositNotification)["event"]> = {
  approved: "승인",
  deposited: "입금",
  "account-issued": "계좌 발급",
  failed: "실패",
  reversed: "입금 취소",
  unrecognised: "해석할 수 없음",
};

/** What a notification reports: its event, or for escrow its status. */
export const notificationEventWords: Readonly<Record<string, string>> = {
  ...notificationEvents,
  "delivery-registered": "배송등록",
  "purchase-confirmed": "구매확정",
  "auto-confirmed": "자동 구매확정",
  "force-confirmed": "강제 구매확정",
  "purchase-rejected": "구매거절",
  cancelled: "취소",
  "rejection-confirmed": "구매거절 확인",
};

/** What the shop's own code is told. */
export const eventWords: Korean<keyof LedgerEvents> = {
  approved: "결제 승인",
  deposited: "입금 완료",
  declined: "승인 거절",
  unknown: "결과 미확인",
  "needs-attention": "확인 필요",
  cancelled: "전액 취소",
  "partially-cancelled": "부분 취소",
  "cancel-unknown": "취소 결과 미확인",
  "network-cancelled": "망취소",
  "account-issued": "가상계좌 발급",
  reversed: "입금 취소",
  settled: "미처리로 정리",
  "key-issued": "빌키 발급",
  "key-changed": "빌키 변경",
  "key-deleted": "빌키 삭제",
  escrow: "에스크로",
  "notification-needs-attention": "확인이 필요한 통보",
};

/** Who acts where no person does. */
export const actorWords: Readonly<Record<string, string>> = {
  recovery: "자동 복구",
  notification: "결제사 통보",
  migration: "테이블 생성",
};

/** What a handler failed with, where it is not what its own code threw. */
export const handlerFailureWords: Readonly<Record<string, string>> = { "process-ended": "프로세스 종료" };

/** Why a file of the journal cannot be read, where it is no code of the system's. */
export const unreadableWords: Readonly<Record<string, string>> = {
  "no-entry": "내용이 올바르지 않음",
  unreadable: "읽을 수 없음",
};

/** What the ledger refuses, for those who read no English. */
export const ledgerErrorWords: Korean<LedgerErrorCode> = {
  unavailable: "데이터베이스를 사용할 수 없음",
  "not-migrated": "테이블이 없거나 버전이 다름",
  "unsafe-database": "결제를 기록할 수 없는 데이터베이스",
  "invalid-argument": "입력값 오류",
  "may-not-send": "전송할 수 없는 요청",
  "not-yours": "다른 프로세스가 처리한 요청",
  "database-changed": "승인되지 않은 데이터베이스",
  "clock-skew": "시계가 크게 다름",
  "not-replayed": "저널을 모두 기록하지 못함",
  "no-such-call": "없는 요청",
  "masked-tid": "가려진 거래번호",
  closing: "종료 중",
  "tid-used": "다른 결제가 사용 중인 거래번호",
  "broken-rule": "원장 규칙 위반",
  "no-secrets": "빌키 비밀값 없음",
  "consumer-removed": "제거된 소비자",
  "unreadable-key": "읽을 수 없는 빌키",
};
