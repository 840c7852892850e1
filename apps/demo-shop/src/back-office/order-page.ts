import type { OrderPayment } from "@payapi/core";
import type { TimelineLine, UnknownCall } from "@payapi/ledger";
import { formatKoreanTime, formatTel, formatWon } from "../shop/korean.js";
import { cancelledAmount, labelOf } from "../shop/labels.js";
import type { ShopOrder } from "../shop/orders.js";
import { badge, facts, page } from "./frame.js";
import { type Html, html } from "./html.js";
import { timelineOf } from "./timeline.js";

/** One order: its money, what happened to it, and the cancel forms while there is something to cancel. */
export function orderPage({
  order,
  payment,
  timeline,
  unknowns,
  justCancelled,
}: {
  order: ShopOrder;
  payment: OrderPayment | undefined;
  timeline: readonly TimelineLine[];
  /** This order's calls that somebody must look into. */
  unknowns: readonly UnknownCall[];
  justCancelled: boolean;
}): string {
  return page({
    title: order.id,
    body: html`<p class="back"><a href="/">← 결제 목록</a></p>
<div class="title"><h1>${order.goodsName}</h1>${badge(labelOf(payment))}</div>
<p class="soft number">${order.id} · ${formatKoreanTime(order.createdAt)}</p>
${justCancelled && payment?.cancel?.status === "done" && doneNotice(payment, payment.cancel.cancelPrice)}
${lockedNotice(payment, unknowns)}
<div class="columns">
<div class="stack">
<section class="panel stack" aria-labelledby="money"><h2 id="money">금액</h2>${moneyOf(order, payment)}</section>
${payment !== undefined && mayCancel(payment) && cancelForms(order, payment)}
<section class="panel stack" aria-labelledby="buyer"><h2 id="buyer">주문</h2>
<ul class="goods">${order.lines.map(
      (line) =>
        html`<li><span>${line.name} × ${line.quantity}</span><span class="number">${formatWon(line.unitPrice * line.quantity)}</span></li>`,
    )}${order.shipping > 0 && html`<li><span>배송비</span><span class="number">${formatWon(order.shipping)}</span></li>`}</ul>
${facts([
  ["구매자", order.buyerName],
  ["전화번호", formatTel(order.buyerTel)],
  ["이메일", order.buyerEmail],
])}</section>
</div>
<section class="panel stack" aria-labelledby="history"><h2 id="history">일어난 일</h2>${
      timeline.length === 0
        ? html`<p class="soft">아직 결제를 시도하지 않았습니다.</p>`
        : timelineOf(timeline)
    }</section>
</div>`,
  });
}

function moneyOf(order: ShopOrder, payment: OrderPayment | undefined): Html {
  if (payment === undefined) return facts([["주문 금액", formatWon(order.price)]]);
  const paid = payment.approvedAt !== undefined;
  const more = [
    ["승인번호", payment.applNum],
    ["승인 일시", payment.approvedAt && formatKoreanTime(payment.approvedAt)],
    ["거래번호", payment.tid && html`<span class="code">${payment.tid}</span>`],
    ["결제사의 답", payment.resultMessage],
  ] as const;
  return html`<dl class="facts">
<dt>${paid ? "결제 금액" : "요청한 금액"}</dt><dd class="number" data-fact="price">${formatWon(payment.price)}</dd>
${
  paid &&
  html`<dt>취소한 금액</dt><dd class="number" data-fact="cancelled">${formatWon(cancelledAmount(payment))}</dd>
<dt class="total">남은 결제 금액</dt><dd class="number total" data-fact="remaining">${formatWon(payment.remainingPrice)}</dd>`
}</dl>
${more.some(([, value]) => value !== undefined) && facts(more)}`;
}

function mayCancel(payment: OrderPayment): boolean {
  return payment.status === "paid" || payment.status === "partially-cancelled";
}

function cancelForms(order: ShopOrder, payment: OrderPayment): Html {
  const remaining = payment.remainingPrice;
  return html`<section class="panel stack" aria-labelledby="cancel" data-cancels data-remaining="${remaining}">
<h2 id="cancel">취소</h2>
<noscript><p class="notice notice-wait">취소에는 자바스크립트가 필요합니다.</p></noscript>
<div class="cancel-result" role="alert" tabindex="-1"></div>
<form class="cancel-form" data-part action="/payments/orders/${order.id}/partial-cancel" novalidate>
<h3>일부 취소</h3>
<div class="field"><label for="amount">취소할 금액</label>
<div class="with-unit"><input id="amount" name="amount" inputmode="numeric" autocomplete="off" placeholder="0" aria-describedby="amount-error after" required><span aria-hidden="true">원</span></div>
<p id="amount-error" class="error" aria-live="polite"></p>
<p id="after" class="hint" aria-live="polite">남은 금액 ${formatWon(remaining)}까지 취소할 수 있습니다.</p></div>
<label class="check"><input type="checkbox" required> 되돌릴 수 없음을 확인했습니다</label>
<button class="button button-quiet" type="submit">일부 취소하기</button>
</form>
<form class="cancel-form" action="/payments/orders/${order.id}/cancel" novalidate>
<h3>전부 취소</h3>
<p class="soft small">남은 ${formatWon(remaining)}을 모두 돌려드립니다.</p>
<label class="check"><input type="checkbox" required> 되돌릴 수 없음을 확인했습니다</label>
<button class="button button-danger" type="submit">${formatWon(remaining)} 전부 취소하기</button>
</form>
</section>`;
}

function doneNotice(payment: OrderPayment, cancelPrice: number): Html {
  return html`<p class="notice notice-good" role="status"><span><strong>${formatWon(cancelPrice)}을 취소했습니다.</strong> 남은 결제 금액은 ${formatWon(payment.remainingPrice)}입니다.</span></p>`;
}

function lockedNotice(payment: OrderPayment | undefined, unknowns: readonly UnknownCall[]): Html | undefined {
  if (payment?.status !== "unknown" && payment?.status !== "needs-attention") return undefined;
  const why =
    payment.status === "unknown"
      ? "결제사의 답을 받지 못해 돈이 움직였는지 알 수 없습니다."
      : "결제사의 답이 주문과 다릅니다.";
  return html`<section class="notice notice-wait"><h2>이 주문은 잠겨 있습니다</h2>
<p>${why} 확인하기 전에는 다시 결제하거나 취소할 수 없습니다.</p>
${unknowns.map(
  ({ oid }) => html`<p>결제사 관리자 화면에서 찾을 주문번호: <strong class="code">${oid}</strong></p>`,
)}</section>`;
}
