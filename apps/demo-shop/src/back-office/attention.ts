import type {
  CallInReview,
  DeadLetter,
  JournaledCall,
  Ledger,
  ListedNotification,
  NotificationReason,
  OverdueAccount,
} from "@payapi/ledger";
import { formatKoreanTime, formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { type Label, notificationName, reasonName } from "../shop/labels.js";
import { badge } from "./frame.js";
import { type Html, html } from "./html.js";
import type { Release, ReleaseForm } from "./release.js";

type Fact = readonly [name: string, value: Html | string];

/** Older overdue accounts are hidden: the staff has seen them before. */
const unpaidDays = 14;

export async function lookInto(ledger: Ledger) {
  const [unknowns, quarantined, mismatches, unpaidAccounts, journaled, deadLetters, database] =
    await Promise.all([
      ledger.payments.needsReview(),
      ledger.notifications.list({ effect: "quarantined" }),
      ledger.notifications.list({ effect: "mismatch" }),
      ledger.payments.overdueAccounts({ dueSince: new Date(Date.now() - unpaidDays * 86_400_000) }),
      ledger.operations.journal(),
      ledger.events.deadLetters(),
      ledger.operations.database(),
    ]);
  return { unknowns, quarantined, mismatches, unpaidAccounts, journaled, deadLetters, database };
}

export type LookInto = Awaited<ReturnType<typeof lookInto>>;

/** Renders everything that needs an operator, with instructions. */
export function attention(found: LookInto, again?: Release["again"]): Html {
  const { unknowns, unpaidAccounts, mismatches, quarantined, journaled, deadLetters } = found;
  const reversals = mismatches.filter(({ reason }) => reason === "reversed");
  const isReversed = (call: CallInReview) => reversals.some(({ orderId }) => orderId === call.orderId);
  const groups: readonly (readonly [title: string, what: Html | string, items: readonly Html[]])[] = [
    [
      "결과 확인 중인 결제와 취소",
      html`결제사의 응답을 받지 못했습니다. 주문을 열어 안내대로 결제사 관리자 화면에서 <strong>결제사 주문번호</strong>를 찾고, 확인한 것을 적으세요. 그때까지 주문은 잠겨 있어 다시 결제되지 않습니다.`,
      unknowns.filter(isOpen).map((call) => unknownItem(call, false)),
    ],
    [
      "돈이 기록과 다른 주문",
      "결제사가 받았거나 돌려준 돈이 우리가 요청한 것과 다릅니다. 물건을 보내지 말고 주문을 열어 안내대로 처리한 뒤, 어떻게 처리했는지 적으면 끝납니다. 주문은 그 뒤에도 잠겨 있습니다.",
      unknowns.filter((call) => !isOpen(call)).map((call) => unknownItem(call, isReversed(call))),
    ],
    [
      "기한이 지난 가상계좌",
      "대개 입금하지 않은 주문입니다. 알림이 오지 않았을 수도 있으니, 주문을 열어 안내대로 결제사에 입금이 있는지 확인하세요.",
      unpaidAccounts.map(accountItem),
    ],
    [
      "기록과 다른 결제사 알림",
      "결제사가 알린 금액이나 거래가 기록과 달라 반영하지 않았습니다. 결제사 관리자 화면에서 거래를 찾아 실제로 받은 돈을 확인하고, 받지 말았어야 할 돈은 돌려주세요. 이 목록에는 계속 남습니다.",
      mismatches.filter(({ reason }) => !isGone(reason)).map((one) => notificationItem(one)),
    ],
    [
      "회수된 입금",
      html`받은 돈이 없습니다. <strong>물건을 보내지 말고, 돈도 돌려주지 마세요.</strong> 구매자에게 연락해 어떻게 할지 정하세요. 이 목록에는 계속 남습니다.`,
      reversals.map((one) => notificationItem(one)),
    ],
    [
      "다른 곳에서 취소된 결제",
      html`결제사가 이미 돌려준 돈입니다. <strong>또 돌려주지 마세요.</strong> 물건을 보내지 말고, 결제사 관리자 화면에서 누가 언제 취소했는지 확인하세요. 이 목록에는 계속 남습니다.`,
      mismatches.filter(({ reason }) => reason === "cancelled-elsewhere").map((one) => notificationItem(one)),
    ],
    [
      "주문을 찾을 수 없는 결제사 알림",
      "우리 거래가 아니거나 주문이 사라졌습니다. 결제사 관리자 화면에서 거래를 찾아 우리 것인지 확인하세요. 우리 것이 맞다면 확인한 것을 적고 ‘다시 판단하기’를 누르세요.",
      quarantined.map((one) =>
        notificationItem(one, releaseForm(one, again?.id === one.id ? again : { evidence: "", tid: "" })),
      ),
    ],
    [
      "데이터베이스가 받지 못한 승인",
      "결제사는 승인했는데 이 데이터베이스에 그 결제가 없거나 파일이 손상되었습니다. 결제사 관리자 화면에서 거래를 찾아 돌려주거나 주문에 직접 반영하세요.",
      journaled.map(journaledItem),
    ],
    [
      "처리하지 못한 이벤트",
      "상점 프로그램이 이벤트를 열 번 처리하려다 모두 실패했습니다. 오류 로그를 보고 원인을 고친 뒤 다시 처리하세요. 원장의 기록에는 영향이 없습니다.",
      deadLetters.map(deadItem),
    ],
  ];
  const shown = groups.filter(([, , items]) => items.length > 0);
  const count = shown.reduce((sum, [, , items]) => sum + items.length, 0);
  const changed = found.database.accepted
    ? undefined
    : html`<div class="group"><h3>데이터베이스가 바뀌었습니다</h3>
<p>복구했거나 다른 서버가 넘겨받은 데이터베이스입니다. 빠진 결제가 있을 수 있어 아무것도 보내지 않고 있습니다. 결제사 관리자 화면과 대조한 뒤 <code>acceptDatabase()</code>로 알려 주세요.</p></div>`;
  if (count === 0 && changed === undefined) {
    return html`<p class="notice notice-good"><span>확인이 필요한 결제가 없습니다.</span></p>`;
  }
  return html`<section class="notice notice-wait attention" aria-labelledby="attention">
<h2 id="attention">확인 필요 <span class="count">${count + (changed === undefined ? 0 : 1)}</span></h2>
${changed}${shown.map(
  ([title, what, items]) => html`<div class="group"><h3>${title}</h3><p>${what}</p><ul>${items}</ul></div>`,
)}
</section>`;
}

function item(head: Html, facts: readonly (Fact | undefined)[], more?: Html): Html {
  return html`<li><div>${head}</div>
<dl>${facts.map((fact) => fact && html`<div><dt>${fact[0]}</dt><dd>${fact[1]}</dd></div>`)}</dl>${more}</li>`;
}

function orderItem(orderId: string, label: Label, facts: readonly Fact[]): Html {
  return item(html`${orderLink(orderId)} ${badge(label)}`, facts);
}

function orderLink(orderId: string): Html {
  return html`<a href="/orders/${orderId}"><strong class="number">${orderId}</strong></a>`;
}

function code(text: string): Html {
  return html`<span class="code">${text}</span>`;
}

/** Returns whether the money is already gone, so that a refund would lose it twice. */
function isGone(reason: NotificationReason | undefined): boolean {
  return reason === "reversed" || reason === "cancelled-elsewhere";
}

/** Returns whether a resolution ends it; otherwise money moved, but not as requested. */
function isOpen({ state }: CallInReview): boolean {
  return state === "unknown" || state === "sending";
}

function unknownItem(call: CallInReview, isReversed: boolean): Html {
  const reason: Label = isReversed ? { text: "입금이 회수됨", tone: "bad" } : reasonOf(call);
  return orderItem(call.orderId, reason, [
    ["금액", formatWon(call.price)],
    ["발생 시각", formatShortKoreanTime(call.since)],
    ["결제사 주문번호", code(call.oid)],
  ]);
}

function reasonOf({ kind, state, mismatch }: CallInReview): Label {
  const what = kind === "approval" ? "승인" : "취소";
  if (mismatch) return { text: "기록과 다른 응답", tone: "bad" };
  if (state === "approved_mismatch") return { text: "요청과 다른 금액이 승인됨", tone: "bad" };
  if (state === "approved_no_tid") return { text: "거래번호 없는 승인", tone: "bad" };
  return { text: `${what} 결과 확인 중`, tone: "wait" };
}

function accountItem({ orderId, oid, tid, price, dueAt }: OverdueAccount): Html {
  return orderItem(orderId, { text: "입금 기한 지남", tone: "wait" }, [
    ["금액", formatWon(price)],
    ["기한", formatKoreanTime(dueAt)],
    ["결제사 주문번호", code(oid)],
    ["거래번호", code(tid)],
  ]);
}

function notificationItem(one: ListedNotification, more?: Html): Html {
  const { orderId, oid, tid, price, receivedAt } = one;
  const head = orderId === undefined ? html`<strong>${notificationName(one)}</strong>` : orderLink(orderId);
  return item(
    html`${head} ${badge({ text: reasonName(one.reason), tone: "wait" })}`,
    [
      orderId === undefined ? undefined : ["결제사 알림", notificationName(one)],
      price === undefined ? undefined : ["금액", formatWon(price)],
      ["받은 시각", formatShortKoreanTime(receivedAt)],
      oid === undefined ? undefined : ["결제사 주문번호", code(oid)],
      ["거래번호", code(tid)],
    ],
    more,
  );
}

function releaseForm({ id, tidIsMasked }: ListedNotification, { evidence, tid }: ReleaseForm): Html {
  return html`<form class="line-form" method="post" action="/notifications/${id}/release">
${
  tidIsMasked &&
  html`<div class="field"><label for="tid-${id}">관리자 화면의 거래번호</label>
<input id="tid-${id}" name="tid" maxlength="40" autocomplete="off" required value="${tid}"></div>`
}<div class="field"><label for="evidence-${id}">무엇을 보고 확인했나요?</label>
<input id="evidence-${id}" name="evidence" maxlength="1000" autocomplete="off" required value="${evidence}"></div>
<button class="button button-quiet" type="submit">다시 판단하기</button></form>`;
}

function journaledItem({ file, call }: JournaledCall): Html {
  if (call === undefined) return item(html`<strong>읽을 수 없는 파일</strong>`, [["파일", code(file)]]);
  return item(orderLink(call.orderId), [
    ["금액", formatWon(call.price)],
    ["승인 시각", formatShortKoreanTime(call.at)],
    call.tid === undefined ? undefined : ["거래번호", code(call.tid)],
  ]);
}

function deadItem({ consumer, event, deadAt, failure }: DeadLetter): Html {
  return item(
    html`${"orderId" in event ? orderLink(event.orderId) : html`<strong>${event.kind}</strong>`} ${badge({ text: event.kind, tone: "bad" })}`,
    [
      ["발생 시각", formatShortKoreanTime(event.at)],
      ["중단 시각", formatShortKoreanTime(deadAt)],
      failure === undefined ? undefined : ["오류", code(failure)],
    ],
    html`<form class="line-form" method="post" action="/dead-letters">
<input type="hidden" name="id" value="${event.id}"><input type="hidden" name="consumer" value="${consumer}">
<button class="button button-quiet" type="submit">다시 처리하기</button></form>`,
  );
}
