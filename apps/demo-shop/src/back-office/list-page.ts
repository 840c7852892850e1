import type { OrderStatus } from "@payapi/core";
import type { ListedPayment } from "@payapi/ledger";
import type { FulfilmentState } from "../shop/events/fulfilment.js";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { labelOf, labelOfFulfilment, labels, wasPaid } from "../shop/labels.js";
import type { ShopOrder } from "../shop/orders.js";
import { attention, type LookInto } from "./attention.js";
import { badge, page } from "./frame.js";
import { type Html, html } from "./html.js";
import { type Release, releaseNotice } from "./release.js";

const statuses: readonly OrderStatus[] = [
  "paid",
  "partially-cancelled",
  "cancelled",
  "awaiting-deposit",
  "declined",
  "unknown",
  "in-progress",
  "needs-attention",
  "not-sent",
  "network-cancelled",
];

/** The filter that a query names; everything else means no filter. */
export function readFilter(query: unknown): OrderStatus | undefined {
  return statuses.find((status) => status === query);
}

/** What the list is rendered from. */
export interface ListView {
  readonly payments: readonly ListedPayment[];
  readonly orders: ReadonlyMap<string, ShopOrder>;
  readonly fulfilment: ReadonlyMap<string, FulfilmentState>;
  readonly openAlarms: number;
  /** What needs review. */
  readonly found: LookInto;
  readonly filter: OrderStatus | undefined;
  /** Position to go on from, if there is more. */
  readonly more: number | undefined;
  /** What came just now of judging a notification again. */
  readonly release: Release | undefined;
}

/** All payments, and on top what needs review. */
export function listPage({
  payments,
  orders,
  fulfilment,
  openAlarms,
  found,
  filter,
  more,
  release,
}: ListView): string {
  return page({
    title: "결제",
    body: html`<h1>결제</h1>
${release && releaseNotice(release)}
${attention(found, release?.again)}
${openAlarms > 0 && html`<p><a href="/alarms">열린 알림 ${openAlarms}개 보기</a></p>`}
<section aria-labelledby="payments">
<h2 id="payments" class="visually-hidden">결제 목록</h2>
<nav class="filters" aria-label="상태로 거르기">${[undefined, ...statuses].map(
      (status) =>
        html`<a href="/${status && `?status=${status}`}"${filter === status && html` aria-current="page"`}>${status === undefined ? "전체" : labels[status].text}</a>`,
    )}</nav>
${
  payments.length === 0
    ? html`<p class="panel soft">해당하는 결제가 없습니다.</p>`
    : html`<div class="panel table-panel"><table class="payments">
<thead><tr><th scope="col">시각</th><th scope="col">주문</th><th scope="col">구매자</th><th scope="col">상태</th><th scope="col" class="won">결제 금액</th><th scope="col" class="won">남은 금액</th></tr></thead>
<tbody>${payments.map((payment) => row(payment, orders.get(payment.orderId), fulfilment.get(payment.orderId)))}</tbody>
</table></div>`
}
${more !== undefined && html`<p><a class="button button-quiet" href="/?${filter ? `status=${filter}&` : ""}before=${more}">이전 결제 더 보기</a></p>`}
</section>`,
  });
}

function row(payment: ListedPayment, order: ShopOrder | undefined, goods: FulfilmentState | undefined): Html {
  return html`<tr>
<td class="number soft" data-name="시각">${formatShortKoreanTime(payment.createdAt)}</td>
<td data-name="주문"><a href="/orders/${payment.orderId}"><strong>${order?.goodsName ?? "주문 없음"}</strong></a><br><span class="small soft number">${payment.orderId}${payment.attempts > 1 && ` · ${payment.attempts}번 시도`}</span></td>
<td data-name="구매자">${order?.buyerName ?? "—"}</td>
<td data-name="상태">${badge(labelOf(payment))}${goods !== undefined && html`<br><span class="small soft">${labelOfFulfilment(goods).text}</span>`}</td>
<td class="won number" data-name="결제 금액">${formatWon(payment.price)}</td>
<td class="won number" data-name="남은 금액">${wasPaid(payment) ? formatWon(payment.remainingPrice) : "—"}</td>
</tr>`;
}
