import type { ListedNotification, NotificationReason } from "@payapi/ledger";

const events: Readonly<Record<string, string>> = {
  approved: "결제됨",
  deposited: "입금됨",
  "account-issued": "가상계좌 발급됨",
  reversed: "입금이 취소됨",
  failed: "결제되지 않음",
};

/** What the gateway told, in a few words. */
export function notificationWords({ kind, event }: ListedNotification): string {
  return events[event] ?? (kind === "escrow" ? `에스크로 ${event}` : event);
}

const reasons: Readonly<Record<NotificationReason, string>> = {
  unrecognised: "뜻을 알 수 없음",
  "other-merchant": "다른 가맹점의 것",
  "unknown-order": "모르는 주문",
  "source-not-listed": "등록되지 않은 주소에서 옴",
  "amount-differs": "금액이 다름",
  "account-differs": "계좌가 다름",
  "pay-type-differs": "결제 방법이 다름",
  "tid-differs": "거래번호가 다름",
  "tid-of-another": "다른 결제의 거래번호",
  "other-content": "같은 통보가 다른 내용으로 옴",
  "money-contradicts": "끝난 결제에 들어온 돈",
  duplicate: "이미 결제된 주문에 들어온 돈",
  "price-changed": "주문 금액이 바뀐 뒤에 옛 금액이 들어옴",
  "deposited-again": "같은 계좌에 또 입금됨",
  reversed: "입금이 취소됨",
  "cancelled-elsewhere": "다른 곳에서 취소됨",
};

/** Why a notification was not simply applied; a reason that nobody here knows is its own name. */
export function reasonWords(reason: string | undefined): string {
  if (reason === undefined) return "까닭 모름";
  return Object.hasOwn(reasons, reason) ? reasons[reason as NotificationReason] : reason;
}
