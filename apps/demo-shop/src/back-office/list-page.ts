import type { OrderStatus } from "@payapi/core";
import type { ListedPayment } from "@payapi/ledger";
import type { FulfilmentState } from "../shop/events/fulfilment.js";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { labelOf, labelOfFulfilment, labels, wasPaid } from "../shop/labels.js";
import type { ShopOrder } from "../shop/orders.js";
import type { Shop } from "../shop/shop.js";
import { attention, lookInto } from "./attention.js";
import { badge, page, testBadge } from "./frame.js";
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
  "needs-review",
  "not-sent",
  "net-cancelled",
];

const pageSize = 50;

/** Everything that the list shows; `release` is the result of releasing a notification. */
export async function viewList(
  { ledger, orders, fulfilment }: Shop,
  query: Readonly<Record<string, unknown>>,
  release: Release | undefined,
) {
  const filter = statuses.find((status) => status === query.status);
  const before = Number(query.before);
  const [found, listed] = await Promise.all([
    lookInto(ledger),
    ledger.payments.list({
      limit: pageSize + 1,
      ...(filter === undefined ? {} : { status: filter }),
      ...(Number.isSafeInteger(before) && before > 0 ? { before } : {}),
    }),
  ]);
  const payments = listed.slice(0, pageSize);
  const ids = payments.map(({ orderId }) => orderId);
  return {
    environment: ledger.environment,
    payments,
    orders: await orders.findMany(ids),
    fulfilment: await fulfilment.latestOf(ids),
    found,
    filter,
    more: listed.length > pageSize ? payments.at(-1)?.position : undefined,
    release,
  };
}

export function listPage(view: Awaited<ReturnType<typeof viewList>>): string {
  const { environment, payments, orders, fulfilment, found, filter, more, release } = view;
  const body = html`<div class="title"><h1>결제</h1>${testBadge(environment)}</div>
${release && releaseNotice(release)}
${attention(found, release?.again)}
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
</section>`;
  return page("결제", body);
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
