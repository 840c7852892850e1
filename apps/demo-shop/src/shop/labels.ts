import type { OrderPayment, OrderStatus } from "@payapi/core";
import { banksAndIssuers } from "@payapi/core/codes";
import type { ListedNotification, NotificationReason } from "@payapi/ledger";
import type { FulfilmentState } from "./events/fulfilment.js";

/** The text and colour of a payment status. */
export interface Label {
  readonly text: string;
  readonly tone: "good" | "bad" | "wait" | "plain";
}

export const labels: Readonly<Record<OrderStatus, Label>> = {
  "in-progress": { text: "처리 중", tone: "wait" },
  paid: { text: "결제 완료", tone: "good" },
  "partially-cancelled": { text: "부분 취소", tone: "good" },
  cancelled: { text: "취소 완료", tone: "plain" },
  declined: { text: "승인 거절", tone: "bad" },
  "not-sent": { text: "결제 안 됨", tone: "plain" },
  "net-cancelled": { text: "망취소됨", tone: "plain" },
  "awaiting-deposit": { text: "입금 대기", tone: "wait" },
  unknown: { text: "결과 확인 중", tone: "wait" },
  "needs-review": { text: "확인 필요", tone: "wait" },
};

/** The label of an order's payment; an order without one is unpaid. */
export function labelOf(payment: OrderPayment | undefined): Label {
  return payment === undefined ? { text: "결제 전", tone: "plain" } : labels[payment.status];
}

const fulfilmentLabels: Readonly<Record<FulfilmentState, Label>> = {
  preparing: { text: "배송 준비", tone: "good" },
  held: { text: "배송 보류", tone: "wait" },
  cancelled: { text: "주문 취소됨", tone: "plain" },
};

export const labelOfFulfilment = (state: FulfilmentState): Label => fulfilmentLabels[state];

const payTypes: Readonly<Record<string, string>> = {
  card: "신용·체크카드",
  bank: "계좌이체",
  vbank: "가상계좌",
  hpp: "휴대폰",
};

/** Returns the name of a payment method; an unknown one is shown as the gateway names it. */
export function payTypeName(payType: string | undefined): string {
  return payTypes[payType ?? "card"] ?? payType ?? "";
}

export function bankName(code: string): string {
  return banksAndIssuers.lookUp(code).ko;
}

/**
 * Returns whether the order was paid as requested, also if it was cancelled since. A payment resolved by an operator or a notification
 * has no approval number, and perhaps no time.
 */
export function wasPaid(payment: OrderPayment): boolean {
  switch (payment.status) {
    case "paid":
    case "partially-cancelled":
    case "cancelled":
      return true;
    case "in-progress":
    case "unknown":
      // While a cancel is open, the amount stays.
      return payment.remainingPrice > 0;
    default:
      return false;
  }
}

/** Returns the cancelled amount in won, as far as known. */
export function cancelledAmount(payment: OrderPayment): number {
  return wasPaid(payment) ? payment.price - payment.remainingPrice : 0;
}

const notificationNames: Readonly<Record<string, string>> = {
  approved: "결제됨",
  deposited: "입금됨",
  "account-issued": "가상계좌 발급됨",
  reversed: "입금이 회수됨",
  failed: "결제되지 않음",
};

export function notificationName({ kind, event }: ListedNotification): string {
  return notificationNames[event] ?? (kind === "escrow" ? `에스크로 ${event}` : event);
}

const reasons: Readonly<Record<NotificationReason, string>> = {
  unrecognised: "뜻을 알 수 없음",
  "other-merchant": "다른 상점의 것",
  "unknown-order": "모르는 주문",
  "source-not-listed": "등록되지 않은 주소에서 옴",
  "amount-differs": "금액이 다름",
  "account-differs": "계좌가 다름",
  "pay-type-differs": "결제 방법이 다름",
  "tid-differs": "거래번호가 다름",
  "tid-of-another": "다른 결제의 거래번호",
  "other-content": "같은 알림이 다른 내용으로 옴",
  "unexpected-money": "끝난 결제에 들어온 돈",
  duplicate: "이미 결제된 주문에 들어온 돈",
  "price-changed": "주문 금액이 바뀐 뒤에 옛 금액이 들어옴",
  "deposited-again": "같은 계좌에 또 입금됨",
  reversed: "입금이 회수됨",
  "cancelled-elsewhere": "다른 곳에서 취소됨",
};

/** Returns why a notification was not applied; an unknown reason is shown unchanged. */
export function reasonName(reason: string | undefined): string {
  if (reason === undefined) return "사유 불명";
  return Object.hasOwn(reasons, reason) ? reasons[reason as NotificationReason] : reason;
}
