import type { OrderPayment, OrderStatus } from "@payapi/core";

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
  "not-sent": { text: "전송 안 됨", tone: "plain" },
  "network-cancelled": { text: "승인 되돌림", tone: "plain" },
  "awaiting-deposit": { text: "입금 대기", tone: "wait" },
  unknown: { text: "결과 확인 중", tone: "wait" },
  "needs-attention": { text: "확인 필요", tone: "wait" },
};

/** The label of an order's payment; an order without one is unpaid. */
export function labelOf(payment: OrderPayment | undefined): Label {
  return payment === undefined ? { text: "결제 전", tone: "plain" } : labels[payment.status];
}

/** Won given back so far, as far as it is known. */
export function cancelledAmount(payment: OrderPayment): number {
  return payment.approvedAt === undefined ? 0 : payment.price - payment.remainingPrice;
}
