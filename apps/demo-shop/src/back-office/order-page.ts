import type { OrderPayment } from "@payapi/core";
import type { TimelineEntry } from "@payapi/ledger";
import { formatKoreanTime, formatShortKoreanTime, formatTel, formatWon } from "../shop/korean.js";
import {
  bankName,
  cancelledAmount,
  labelOf,
  labelOfFulfilment,
  payTypeName,
  wasPaid,
} from "../shop/labels.js";
import type { ShopOrder } from "../shop/orders.js";
import { badge, facts, page, panel, testBadge, time } from "./frame.js";
import { type Html, html } from "./html.js";
import type { OrderView } from "./order-view.js";
import { problemNotice } from "./problems.js";
import { closePanel, settlePanels, takenName } from "./settle-form.js";
import { closingOf, timelineOf } from "./timeline.js";

/** One order: its money, goods and history, and the forms for the staff. */
export function orderPage(view: OrderView): string {
  const { order, payment, timeline, unknowns, steps, refused } = view;
  const needsReview = payment?.status === "needs-review";
  const closing = needsReview ? closingOf(timeline) : undefined;
  // An unknown outcome has to be resolved first.
  const mayClose = needsReview && closing === undefined && !unknowns.some(({ state }) => state === "unknown");
  const isPaid = payment?.status === "paid" || payment?.status === "partially-cancelled";
  const history =
    timeline.length === 0 ? html`<p class="soft">아직 결제를 시도하지 않았습니다.</p>` : timelineOf(timeline);
  const body = html`<p class="back"><a href="/">← 결제 목록</a></p>
<div class="title"><h1>${order.goodsName}</h1>${badge(labelOf(payment))}${testBadge(view.environment)}</div>
<p class="soft number">${order.id} · ${formatKoreanTime(order.createdAt)}</p>
${doneNotice(view, closing)}
${lockedNotice(payment, closing)}
<div class="columns">
<div class="stack">
${refused && problemNotice(refused.problem)}
${settlePanels(view)}
${mayClose && closePanel(view)}
${panel("money", "금액", moneyOf(view))}
${steps.length > 0 && panel("goods", "배송", goodsOf(view, isPaid))}
${isPaid && cancelForms(order, payment)}
${panel("buyer", "주문", orderOf(order))}
</div>
${panel("history", "처리 내역", history)}
</div>`;
  return page(order.id, body);
}

function orderOf(order: ShopOrder): Html {
  const line = (name: string, won: number) =>
    html`<li><span>${name}</span><span class="number">${formatWon(won)}</span></li>`;
  return html`<ul class="goods">${order.lines.map(({ name, quantity, unitPrice }) =>
    line(`${name} × ${quantity}`, unitPrice * quantity),
  )}${order.shipping > 0 && line("배송비", order.shipping)}</ul>
${facts([
  ["구매자", order.buyerName],
  ["전화번호", formatTel(order.buyerTel)],
  ["이메일", order.buyerEmail],
])}`;
}

function moneyOf({ order, payment, balance }: OrderView): Html {
  if (payment === undefined) return facts([["주문 금액", formatWon(order.price)]]);
  const paid = wasPaid(payment);
  const { account } = payment;
  const bank = account?.bankCode === undefined ? "" : `${bankName(account.bankCode)} `;
  return html`<dl class="facts">
<dt>${paid ? "결제 금액" : "요청한 금액"}</dt><dd class="number" data-fact="price">${formatWon(payment.price)}</dd>
${
  payment.status === "needs-review" &&
  html`<dt>${takenName}</dt><dd class="number" data-fact="taken">${formatWon(balance.gateway)}</dd>`
}${
  paid &&
  html`<dt>취소한 금액</dt><dd class="number" data-fact="cancelled">${formatWon(cancelledAmount(payment))}</dd>
<dt class="total">남은 결제 금액</dt><dd class="number total" data-fact="remaining">${formatWon(payment.remainingPrice)}</dd>`
}</dl>
${facts([
  ["결제 방법", payTypeName(payment.payType)],
  ["입금할 계좌", account && `${bank}${account.number}`],
  ["입금 기한", account?.dueAt && formatKoreanTime(account.dueAt)],
  ["승인번호", payment.applNum],
  ["승인 일시", payment.approvedAt && formatKoreanTime(payment.approvedAt)],
  ["거래번호", payment.tid && html`<span class="code">${payment.tid}</span>`],
  ["결제사의 응답", payment.resultMessage],
])}`;
}

/** The form is disabled until its script runs. */
function cancelForms(
  { id }: ShopOrder,
  { remainingPrice: remaining, partlyCancellable }: OrderPayment,
): Html {
  const confirm = html`<label class="check"><input type="checkbox" required disabled> 되돌릴 수 없음을 확인했습니다</label>`;
  return html`<section class="panel stack" aria-labelledby="cancel" data-cancels data-remaining="${remaining}">
<h2 id="cancel">취소</h2>
<noscript><p class="notice notice-wait">취소에는 자바스크립트가 필요합니다.</p></noscript>
<div class="cancel-result" role="alert" tabindex="-1"></div>
${
  partlyCancellable === false
    ? html`<p class="soft small">이 카드는 부분 취소를 할 수 없습니다. 전체 취소만 가능합니다.</p>`
    : html`<form class="cancel-form" data-part action="/payments/orders/${id}/partial-cancel" novalidate>
<h3>부분 취소</h3>
<div class="field"><label for="amount">취소할 금액</label>
<div class="with-unit"><input id="amount" name="amount" inputmode="numeric" autocomplete="off" placeholder="0" aria-describedby="amount-error after" required disabled><span aria-hidden="true">원</span></div>
<p id="amount-error" class="error" aria-live="polite"></p>
<p id="after" class="hint" aria-live="polite">남은 금액 ${formatWon(remaining)}까지 취소할 수 있습니다.</p></div>
${confirm}
<button class="button button-quiet" type="submit" disabled>부분 취소하기</button>
</form>`
}
<form class="cancel-form" action="/payments/orders/${id}/cancel" novalidate>
<h3>전체 취소</h3>
<p class="soft small">남은 ${formatWon(remaining)}을 모두 돌려드립니다.</p>
${confirm}
<button class="button button-danger" type="submit" disabled>${formatWon(remaining)} 전체 취소하기</button>
</form>
</section>`;
}

function doneNotice({ done, payment }: OrderView, closing: TimelineEntry | undefined): Html | undefined {
  const good = (what: string, then: string) =>
    html`<p class="notice notice-good" role="status"><span><strong>${what}</strong> ${then}</span></p>`;
  if (done === "settled") {
    return good("확인한 대로 끝냈습니다.", `이 주문은 이제 ‘${labelOf(payment).text}’입니다.`);
  }
  if (done === "cancelled" && payment?.cancel?.status === "done") {
    const remaining = `남은 결제 금액은 ${formatWon(payment.remainingPrice)}입니다.`;
    return good(`${formatWon(payment.cancel.cancelPrice)}을 취소했습니다.`, remaining);
  }
  if (done !== "closed" || closing === undefined) return undefined;
  return good("적은 대로 끝냈습니다.", "확인 필요 목록에서 빠졌습니다.");
}

function lockedNotice(
  payment: OrderPayment | undefined,
  closing: TimelineEntry | undefined,
): Html | undefined {
  if (payment?.status !== "unknown" && payment?.status !== "needs-review") return undefined;
  if (closing !== undefined) {
    const { actor, at, evidence } = closing;
    return html`<section class="notice notice-plain"><h2>처리가 끝난 주문입니다</h2>
<p>${actor ?? "직원"} 님이 ${formatShortKoreanTime(at)}에 확인하고 끝냈습니다: ${evidence}</p>
<p>주문은 계속 잠겨 있어 다시 결제하거나 취소할 수 없습니다. 다시 파시려면 새 주문으로 받아 주세요. 이 주문에 새로운 일이 생기면 확인 필요 목록에 다시 나옵니다.</p></section>`;
  }
  const why =
    payment.status === "unknown"
      ? `결제사의 응답을 받지 못해 ${wasPaid(payment) ? "취소되었는지" : "승인되었는지"} 알 수 없습니다. 확인하기 전에는 다시 결제하거나 취소할 수 없습니다.`
      : "결제사의 응답이나 알림이 기록과 다릅니다. 처리한 뒤에도 다시 결제하거나 취소할 수 없습니다.";
  return html`<section class="notice notice-wait"><h2>이 주문은 잠겨 있습니다</h2>
<p>${why}</p></section>`;
}

/** After a notification that differed, the goods of a paid order are held until the staff releases them. */
function goodsOf({ order, steps }: OrderView, isPaid: boolean): Html {
  return html`<ol class="goods-steps" data-fulfilment>${steps.map(
    ({ state, at }) => html`<li>${badge(labelOfFulfilment(state))}${time(at)}</li>`,
  )}</ol>${
    isPaid &&
    steps.at(-1)?.state === "held" &&
    html`<form method="post" action="/orders/${order.id}/goods"><p class="small">결제사 알림이 기록과 달라 배송을 멈추었습니다. ‘확인 필요’에서 이 주문의 알림을 처리한 뒤 다시 시작하세요.</p>
<button class="button button-quiet button-small" type="submit">배송 준비 다시 시작</button></form>`
  }`;
}
