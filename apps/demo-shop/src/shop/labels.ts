import type { OrderPayment, OrderStatus } from "@payapi/core";
import { banksAndIssuers } from "@payapi/core/codes";
import type { FulfilmentState } from "./events/fulfilment.js";

/** How a state of the money is shown: words and colour. */
export interface Label {
  readonly text: string;
  readonly tone: "good" | "bad" | "wait" | "plain";
}

const labels: Readonly<Record<OrderStatus, Label>> = {
  "in-progress": { text: "처리 중", tone: "wait" },
  paid: { text: "결제 완료", tone: "good" },
  "partially-cancelled": { text: "일부 취소", tone: "good" },
  cancelled: { text: "취소 완료", tone: "plain" },
  declined: { text: "승인 거절", tone: "bad" },
  "not-sent": { text: "결제 안 됨", tone: "plain" },
  "network-cancelled": { text: "승인 되돌림", tone: "plain" },
  "awaiting-deposit": { text: "입금 대기", tone: "wait" },
  unknown: { text: "결과 확인 중", tone: "wait" },
  "needs-attention": { text: "확인 필요", tone: "wait" },
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

/** The label of what is done about the goods. */
export function labelOfFulfilment(state: FulfilmentState): Label {
  return fulfilmentLabels[state];
}

const payTypes: Readonly<Record<string, string>> = {
  card: "신용·체크카드",
  bank: "계좌이체",
  vbank: "가상계좌",
  hpp: "휴대폰",
};

/** The way of paying, for people; the gateway's own word where there is none. */
export function payTypeName(payType: string | undefined): string {
  return payTypes[payType ?? "card"] ?? payType ?? "";
}

/** A bank's name by the gateway's code. */
export function bankName(code: string): string {
  return banksAndIssuers.lookUp(code).ko;
}

/**
 * Whether the order was paid as asked, whatever was cancelled or is being cancelled since. What an operator settled or a
 * notification told has no approval number, and perhaps no time.
 */
export function wasPaid(payment: OrderPayment): boolean {
  switch (payment.status) {
    case "paid":
    case "partially-cancelled":
    case "cancelled":
      return true;
    case "in-progress":
    case "unknown":
      // A cancel is open: as long as it is, nothing is taken off.
      return payment.remainingPrice > 0;
    default:
      return false;
  }
}

/** Won given back so far, as far as it is known. */
export function cancelledAmount(payment: OrderPayment): number {
  return wasPaid(payment) ? payment.price - payment.remainingPrice : 0;
}
