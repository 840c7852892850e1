import type { BillingKey, NotificationReceipt, OrderStatus, RefusedReason } from "@payapi/core";
import { formatKoreanTime } from "@payapi/core";
import type {
  ApprovalState,
  CancelState,
  NotificationReason,
  OrphanState,
  TransitionKind,
} from "@payapi/ledger";

/** The languages the tool speaks. */
export type Language = "en" | "ko";

/** A text for people in both languages. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}

/** A word of the record's own, with the Korean that an operator on the telephone would use. */
export function named(code: string, text: Text | undefined, language: Language): string {
  if (text === undefined) return code;
  return language === "ko" ? `${text.ko} (${code})` : `${text.en} (${text.ko})`;
}

/** `15,000 won`. */
export function won(amount: number): Text {
  const digits = String(amount).replace(/\B(?=(\d{3})+$)/g, ",");
  return { en: `${digits} won`, ko: `${digits}원` };
}

/** `2026-05-01 09:00:00`, in Korean time. */
export function koreanTime(moment: Date): string {
  const [date, time] = [formatKoreanTime(moment).slice(0, 8), formatKoreanTime(moment).slice(8)];
  return `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)} ${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}`;
}

export const orderStatuses: Readonly<Record<OrderStatus, Text>> = {
  "in-progress": { en: "in progress", ko: "처리 중" },
  "awaiting-deposit": { en: "awaiting the deposit", ko: "입금 대기" },
  paid: { en: "paid", ko: "결제 완료" },
  "partially-cancelled": { en: "partially cancelled", ko: "부분 취소" },
  cancelled: { en: "cancelled", ko: "전액 취소" },
  "network-cancelled": { en: "cancelled without a trace of money", ko: "망취소됨" },
  declined: { en: "declined", ko: "승인 거절" },
  "not-sent": { en: "not charged", ko: "결제되지 않음" },
  unknown: { en: "outcome unknown", ko: "결과 미확인" },
  "needs-attention": { en: "needs attention", ko: "확인 필요" },
};

export const callKinds: Readonly<Record<"approval" | "cancel", Text>> = {
  approval: { en: "approval", ko: "승인" },
  cancel: { en: "cancel", ko: "취소" },
};

export const callStates: Readonly<Record<string, Text>> = {
  sending: { en: "no reply yet", ko: "응답 없음" },
  unknown: { en: "outcome unknown", ko: "결과 미확인" },
  approved: { en: "approved", ko: "승인됨" },
  approved_mismatch: { en: "another amount was approved", ko: "금액 불일치 승인" },
  approved_no_tid: { en: "approved without a tid", ko: "거래번호 없는 승인" },
  conflict: { en: "contradicts the record", ko: "기록과 불일치" },
  drift: { en: "cancelled otherwise than asked", ko: "요청과 다른 취소" },
};

/** What a line of an order's history is about. */
export const transitionKinds: Readonly<Record<TransitionKind, Text>> = {
  ...callKinds,
  "approval-contradiction": { en: "contradiction of an approval", ko: "승인과 다른 보고" },
  "cancel-contradiction": { en: "contradiction of a cancel", ko: "취소와 다른 보고" },
  notification: { en: "notification", ko: "통보" },
  reversal: { en: "deposit taken back", ko: "입금 취소" },
};

/** The states of calls in an order's history, where nothing is left out. */
export const transitionStates: Readonly<Record<ApprovalState | CancelState, Text>> = {
  reserved: { en: "reserved", ko: "준비" },
  sending: { en: "sending", ko: "전송" },
  approved: { en: "approved", ko: "승인됨" },
  approved_mismatch: { en: "another amount was approved", ko: "금액 불일치 승인" },
  approved_no_tid: { en: "approved without a tid", ko: "거래번호 없는 승인" },
  conflict: { en: "contradicts the record", ko: "기록과 불일치" },
  declined: { en: "declined", ko: "승인 거절" },
  not_sent: { en: "not sent", ko: "전송 안 됨" },
  unknown: { en: "outcome unknown", ko: "결과 미확인" },
  settled_not_moved: { en: "settled as not moved", ko: "미처리로 정리" },
  net_cancelled: { en: "network-cancelled", ko: "망취소됨" },
  awaiting_deposit: { en: "awaiting the deposit", ko: "입금 대기" },
  done: { en: "done", ko: "완료" },
  refused: { en: "refused", ko: "거절됨" },
  drift: { en: "cancelled otherwise than asked", ko: "요청과 다른 취소" },
};

/** Why the ledger lets a cancel not begin. Nothing was sent. */
export const refusals: Readonly<Record<RefusedReason, Text>> = {
  "in-progress": {
    en: "Another call for this order is running. Wait for it, then look again.",
    ko: "이 주문은 지금 처리 중입니다. 끝난 뒤 다시 확인하세요.",
  },
  "already-paid": { en: "The order is paid already.", ko: "이미 결제된 주문입니다." },
  "already-cancelled": {
    en: "All of this payment was cancelled already.",
    ko: "이미 전액 취소된 결제입니다.",
  },
  "outcome-unknown": {
    en: "The outcome of an earlier call is unknown, so the order is locked. Look it up in the gateway's console, then use `payapi resolve`.",
    ko: "이전 요청의 결과를 알 수 없어 주문이 잠겨 있습니다. 결제사 관리자 화면에서 확인한 뒤 `payapi resolve`을 사용하세요.",
  },
  "needs-attention": {
    en: "The gateway's answer contradicts the record, so the order is locked. Compare `payapi orders <order>` with the gateway's console.",
    ko: "결제사의 응답이 기록과 달라 주문이 잠겨 있습니다. `payapi orders <주문번호>`와 결제사 관리자 화면을 비교하세요.",
  },
  "not-paid": { en: "There is no payment to cancel.", ko: "취소할 결제가 없습니다." },
  "remaining-differs": {
    en: "--amount and --remaining don't add up to what remains of the payment now.",
    ko: "--amount와 --remaining의 합이 현재 남은 금액과 다릅니다.",
  },
  "tid-used": {
    en: "Another payment has this transaction id.",
    ko: "다른 결제가 사용 중인 거래번호입니다.",
  },
};

export const keyKinds: Readonly<Record<BillingKey["kind"], Text>> = {
  card: { en: "card", ko: "카드" },
  mobile: { en: "phone", ko: "휴대폰" },
};

export const keyStates: Readonly<Record<BillingKey["state"], Text>> = {
  issuing: { en: "being issued", ko: "발급 중" },
  active: { en: "in use", ko: "사용 중" },
  failed: { en: "not issued", ko: "발급되지 않음" },
  unknown: { en: "issue unknown", ko: "발급 결과 미확인" },
  deleting: { en: "deletion not confirmed", ko: "삭제 미확인" },
  deleted: { en: "deleted", ko: "삭제됨" },
};

/** Why a billing key may be alive at the gateway though nobody uses it. */
export const orphanStates: Readonly<Record<OrphanState, Text>> = {
  unknown: keyStates.unknown,
  deleting: keyStates.deleting,
};

export const notificationEffects: Readonly<Record<NotificationReceipt["effect"], Text>> = {
  quarantined: { en: "quarantined", ko: "격리" },
  conflicting: { en: "conflicting", ko: "기록과 불일치" },
  applied: { en: "applied", ko: "반영됨" },
  known: { en: "known", ko: "이미 반영됨" },
  ignored: { en: "without effect", ko: "영향 없음" },
};

/** Why a notification was not simply applied. */
export const notificationReasons: Readonly<Record<NotificationReason, Text>> = {
  unrecognised: { en: "cannot be read", ko: "해석할 수 없음" },
  "other-merchant": { en: "another merchant's", ko: "다른 가맹점" },
  "unknown-order": { en: "no such order", ko: "없는 주문" },
  "source-not-listed": { en: "its source is not listed", ko: "등록되지 않은 출처" },
  "amount-differs": { en: "another amount", ko: "금액 다름" },
  "account-differs": { en: "another account", ko: "계좌 다름" },
  "pay-type-differs": { en: "another method", ko: "결제수단 다름" },
  "tid-differs": { en: "another tid", ko: "거래번호 다름" },
  "tid-of-another": { en: "another payment's tid", ko: "다른 결제의 거래번호" },
  "other-content": { en: "came before with other content", ko: "내용이 다른 중복 통보" },
  "money-contradicts": { en: "money where none should be", ko: "기록과 다른 입금" },
  duplicate: { en: "paid twice", ko: "이중 결제" },
  "price-changed": { en: "the order costs another amount now", ko: "주문 금액이 바뀐 뒤의 입금" },
  "deposited-again": { en: "deposited again", ko: "중복 입금" },
  reversed: { en: "the deposit was taken back", ko: "입금 취소됨" },
  "cancelled-elsewhere": { en: "cancelled, and not by us", ko: "다른 곳에서 취소됨" },
};
