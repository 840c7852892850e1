import type { OrderPayment } from "@payapi/core";
import type { Balance, OverdueAccount, TimelineLine, UnknownCall } from "@payapi/ledger";
import { closingOf } from "../shop/dealt-with.js";
import type { Alarm } from "../shop/events/alarms.js";
import type { FulfilmentStep } from "../shop/events/fulfilment.js";
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
import type { AlarmEnding } from "./alarm-endings.js";
import { alarmList } from "./alarms-page.js";
import { closePanel, closeProblem, dealtWithNotice, type RefusedClose } from "./close-form.js";
import { badge, facts, page } from "./frame.js";
import { type Html, html } from "./html.js";
import { type RefusedFinding, settlePanels, takenName } from "./settle-form.js";
import { timelineOf } from "./timeline.js";

/** One order: its money, its goods, what happened to it, and the forms for what the staff may do about it now. */
export function orderPage({
  order,
  payment,
  timeline,
  unknowns,
  overdue,
  balance,
  steps,
  alarms,
  endings,
  consoleUrl,
  staffName,
  now,
  done,
  refused,
  refusedClose,
}: {
  order: ShopOrder;
  payment: OrderPayment | undefined;
  timeline: readonly TimelineLine[];
  /** This order's calls that somebody must look into. */
  unknowns: readonly UnknownCall[];
  /** This order's accounts that should have been paid by now. */
  overdue: readonly OverdueAccount[];
  /** The order's money in the ledger's books. */
  balance: Balance;
  steps: readonly FulfilmentStep[];
  alarms: readonly Alarm[];
  /** What ends those that are open. */
  endings: ReadonlyMap<string, AlarmEnding>;
  /** The page of the gateway on which transactions can be looked up. */
  consoleUrl: string;
  staffName: string;
  now: Date;
  /** What was done just now: `cancelled`, `settled`, `closed` or nothing. */
  done: string;
  /** A finding that was not taken. */
  refused: RefusedFinding | undefined;
  /** A word about an order that needs attention that was not taken. */
  refusedClose: RefusedClose | undefined;
}): string {
  const needsAttention = payment?.status === "needs-attention";
  const closing = needsAttention ? closingOf(timeline) : undefined;
  // What is unknown has to be settled first.
  const mayClose =
    needsAttention && closing === undefined && !unknowns.some(({ state }) => state === "unknown");
  return page({
    title: order.id,
    body: html`<p class="back"><a href="/">← 결제 목록</a></p>
<div class="title"><h1>${order.goodsName}</h1>${badge(labelOf(payment))}</div>
<p class="soft number">${order.id} · ${formatKoreanTime(order.createdAt)}</p>
${done === "settled" && settledNotice(payment)}
${done === "cancelled" && payment?.cancel?.status === "done" && doneNotice(payment, payment.cancel.cancelPrice)}
${done === "closed" && closing !== undefined && html`<p class="notice notice-good" role="status"><span><strong>적은 대로 끝냈습니다.</strong> 확인 필요 목록과 이 주문의 알림에서 빠졌습니다.</span></p>`}
${lockedNotice(payment, closing)}
<div class="columns">
<div class="stack">
${closeProblem(refusedClose)}
${settlePanels({ orderId: order.id, unknowns, overdue, timeline, balance, consoleUrl, staffName, now, refused })}
${mayClose && closePanel({ orderId: order.id, seenLines: timeline.length, staffName, refused: refusedClose })}
<section class="panel stack" aria-labelledby="money"><h2 id="money">금액</h2>${moneyOf(order, payment, balance)}</section>
${(steps.length > 0 || alarms.length > 0) && goodsOf(steps, alarms, endings)}
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

function moneyOf(order: ShopOrder, payment: OrderPayment | undefined, balance: Balance): Html {
  if (payment === undefined) return facts([["주문 금액", formatWon(order.price)]]);
  const paid = wasPaid(payment);
  const { account } = payment;
  const more = [
    ["결제 방법", payTypeName(payment.payType)],
    [
      "입금할 계좌",
      account && `${account.bankCode === undefined ? "" : `${bankName(account.bankCode)} `}${account.number}`,
    ],
    ["입금 기한", account?.dueAt && formatKoreanTime(account.dueAt)],
    ["승인번호", payment.applNum],
    ["승인 일시", payment.approvedAt && formatKoreanTime(payment.approvedAt)],
    ["거래번호", payment.tid && html`<span class="code">${payment.tid}</span>`],
    ["결제사의 답", payment.resultMessage],
  ] as const;
  return html`<dl class="facts">
<dt>${paid ? "결제 금액" : "요청한 금액"}</dt><dd class="number" data-fact="price">${formatWon(payment.price)}</dd>
${
  payment.status === "needs-attention" &&
  html`<dt>${takenName}</dt><dd class="number" data-fact="taken">${formatWon(balance.gateway)}</dd>`
}${
  paid &&
  html`<dt>취소한 금액</dt><dd class="number" data-fact="cancelled">${formatWon(cancelledAmount(payment))}</dd>
<dt class="total">남은 결제 금액</dt><dd class="number total" data-fact="remaining">${formatWon(payment.remainingPrice)}</dd>`
}</dl>
${facts(more)}`;
}

function mayCancel(payment: OrderPayment): boolean {
  return payment.status === "paid" || payment.status === "partially-cancelled";
}

/** Nothing can be filled in before the script runs that sends it. */
function cancelForms(order: ShopOrder, payment: OrderPayment): Html {
  const remaining = payment.remainingPrice;
  return html`<section class="panel stack" aria-labelledby="cancel" data-cancels data-remaining="${remaining}">
<h2 id="cancel">취소</h2>
<noscript><p class="notice notice-wait">취소에는 자바스크립트가 필요합니다.</p></noscript>
<div class="cancel-result" role="alert" tabindex="-1"></div>
<form class="cancel-form" data-part action="/payments/orders/${order.id}/partial-cancel" novalidate>
<h3>일부 취소</h3>
<div class="field"><label for="amount">취소할 금액</label>
<div class="with-unit"><input id="amount" name="amount" inputmode="numeric" autocomplete="off" placeholder="0" aria-describedby="amount-error after" required disabled><span aria-hidden="true">원</span></div>
<p id="amount-error" class="error" aria-live="polite"></p>
<p id="after" class="hint" aria-live="polite">남은 금액 ${formatWon(remaining)}까지 취소할 수 있습니다.</p></div>
<label class="check"><input type="checkbox" required disabled> 되돌릴 수 없음을 확인했습니다</label>
<button class="button button-quiet" type="submit" disabled>일부 취소하기</button>
</form>
<form class="cancel-form" action="/payments/orders/${order.id}/cancel" novalidate>
<h3>전부 취소</h3>
<p class="soft small">남은 ${formatWon(remaining)}을 모두 돌려드립니다.</p>
<label class="check"><input type="checkbox" required disabled> 되돌릴 수 없음을 확인했습니다</label>
<button class="button button-danger" type="submit" disabled>${formatWon(remaining)} 전부 취소하기</button>
</form>
</section>`;
}

function doneNotice(payment: OrderPayment, cancelPrice: number): Html {
  return html`<p class="notice notice-good" role="status"><span><strong>${formatWon(cancelPrice)}을 취소했습니다.</strong> 남은 결제 금액은 ${formatWon(payment.remainingPrice)}입니다.</span></p>`;
}

function settledNotice(payment: OrderPayment | undefined): Html {
  return html`<p class="notice notice-good" role="status"><span><strong>확인한 대로 끝냈습니다.</strong> 이 주문은 이제 ‘${labelOf(payment).text}’입니다.</span></p>`;
}

function lockedNotice(
  payment: OrderPayment | undefined,
  closing: TimelineLine | undefined,
): Html | undefined {
  if (payment?.status !== "unknown" && payment?.status !== "needs-attention") return undefined;
  if (closing !== undefined) return dealtWithNotice(closing);
  const why =
    payment.status === "unknown"
      ? `결제사의 답을 받지 못해 ${wasPaid(payment) ? "취소되었는지" : "돈이 움직였는지"} 알 수 없습니다. 확인하기 전에는 다시 결제하거나 취소할 수 없습니다.`
      : "결제사가 알려 온 것이 기록과 다릅니다. 처리한 뒤에도 다시 결제하거나 취소할 수 없습니다.";
  return html`<section class="notice notice-wait"><h2>이 주문은 잠겨 있습니다</h2>
<p>${why}</p></section>`;
}

/** What the worker did about the payment's events. */
function goodsOf(
  steps: readonly FulfilmentStep[],
  alarms: readonly Alarm[],
  endings: ReadonlyMap<string, AlarmEnding>,
): Html {
  return html`<section class="panel stack" aria-labelledby="goods"><h2 id="goods">배송과 알림</h2>
${
  steps.length > 0 &&
  html`<ol class="goods-steps" data-fulfilment>${steps.map(
    ({ state, at }) =>
      html`<li>${badge(labelOfFulfilment(state))}<time datetime="${at.toISOString()}" class="number small soft">${formatShortKoreanTime(at)}</time></li>`,
  )}</ol>`
}${alarms.length > 0 && alarmList(alarms, endings, { onOrderPage: true })}</section>`;
}
