import type { OrderStatus } from "@payapi/core";
import type { ListedPayment, UnknownCall } from "@payapi/ledger";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { labelOf } from "../shop/labels.js";
import type { ShopOrder } from "../shop/orders.js";
import { badge, page } from "./frame.js";
import { type Html, html } from "./html.js";

const filters: readonly (readonly [status: OrderStatus | "", text: string])[] = [
  ["", "전체"],
  ["paid", "결제 완료"],
  ["partially-cancelled", "일부 취소"],
  ["cancelled", "취소 완료"],
  ["declined", "승인 거절"],
  ["unknown", "결과 확인 중"],
  ["in-progress", "처리 중"],
  ["not-sent", "전송 안 됨"],
];

/** The filter that a query names; everything else means no filter. */
export function readFilter(query: unknown): OrderStatus | undefined {
  return filters.find(([status]) => status !== "" && status === query)?.[0] || undefined;
}

/** All payments, and on top what somebody must look into. */
export function listPage({
  payments,
  orders,
  unknowns,
  filter,
  more,
}: {
  payments: readonly ListedPayment[];
  orders: ReadonlyMap<string, ShopOrder>;
  unknowns: readonly UnknownCall[];
  filter: OrderStatus | undefined;
  /** Position to go on from, if there is more. */
  more: number | undefined;
}): string {
  return page({
    title: "결제",
    body: html`<h1>결제</h1>
${attention(unknowns)}
<section aria-labelledby="payments">
<h2 id="payments" class="visually-hidden">결제 목록</h2>
<nav class="filters" aria-label="상태로 거르기">${filters.map(
      ([status, text]) =>
        html`<a href="/${status && `?status=${status}`}"${
          (filter ?? "") === status && html` aria-current="page"`
        }>${text}</a>`,
    )}</nav>
${
  payments.length === 0
    ? html`<p class="panel soft">해당하는 결제가 없습니다.</p>`
    : html`<div class="panel table-panel"><table class="payments">
<thead><tr><th scope="col">시각</th><th scope="col">주문</th><th scope="col">구매자</th><th scope="col">상태</th><th scope="col" class="won">결제 금액</th><th scope="col" class="won">남은 금액</th></tr></thead>
<tbody>${payments.map((payment) => row(payment, orders.get(payment.orderId)))}</tbody>
</table></div>`
}
${more !== undefined && html`<p><a class="button button-quiet" href="/?${filter ? `status=${filter}&` : ""}before=${more}">이전 결제 더 보기</a></p>`}
</section>`,
  });
}

function row(payment: ListedPayment, order: ShopOrder | undefined): Html {
  return html`<tr>
<td class="number soft" data-name="시각">${formatShortKoreanTime(payment.createdAt)}</td>
<td data-name="주문"><a href="/orders/${payment.orderId}"><strong>${order?.goodsName ?? "주문 없음"}</strong></a><br><span class="small soft number">${payment.orderId}${payment.attempts > 1 && ` · ${payment.attempts}번 시도`}</span></td>
<td data-name="구매자">${order?.buyerName ?? "—"}</td>
<td data-name="상태">${badge(labelOf(payment))}</td>
<td class="won number" data-name="결제 금액">${formatWon(payment.price)}</td>
<td class="won number" data-name="남은 금액">${payment.approvedAt === undefined ? "—" : formatWon(payment.remainingPrice)}</td>
</tr>`;
}

function attention(unknowns: readonly UnknownCall[]): Html {
  if (unknowns.length === 0) {
    return html`<p class="notice notice-good"><span>확인이 필요한 결제가 없습니다.</span></p>`;
  }
  return html`<section class="notice notice-wait attention" aria-labelledby="attention">
<h2 id="attention">확인 필요 <span class="count">${unknowns.length}</span></h2>
<p>결제사의 답을 받지 못했거나 답이 기록과 다릅니다. 결제사 관리자 화면에서 <strong>결제사 주문번호</strong>로 조회해 실제로 돈이 움직였는지 확인하세요. 그때까지 주문은 잠겨 있어 다시 결제되지 않습니다.</p>
<ul>${unknowns.map(
    (call) => html`<li>
<div><a href="/orders/${call.orderId}"><strong class="number">${call.orderId}</strong></a> ${badge(reasonOf(call))}</div>
<dl><div><dt>금액</dt><dd class="number">${formatWon(call.price)}</dd></div>
<div><dt>언제부터</dt><dd class="number">${formatShortKoreanTime(call.since)}</dd></div>
<div><dt>결제사 주문번호</dt><dd class="code">${call.oid}</dd></div></dl>
</li>`,
  )}</ul>
</section>`;
}

function reasonOf({ kind, state, contradicted }: UnknownCall) {
  const what = kind === "approval" ? "승인" : "취소";
  if (contradicted) return { text: "기록과 다른 답", tone: "bad" } as const;
  if (state === "approved_mismatch") return { text: "다른 금액이 승인됨", tone: "bad" } as const;
  if (state === "approved_no_tid") return { text: "거래번호 없는 승인", tone: "bad" } as const;
  return { text: `${what} 결과를 모름`, tone: "wait" } as const;
}
