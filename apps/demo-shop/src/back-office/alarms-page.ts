import type { Alarm, AlarmKind } from "../shop/events/alarms.js";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import type { Label } from "../shop/labels.js";
import { badge, page } from "./frame.js";
import { type Html, html } from "./html.js";
import { reasonWords } from "./notification-words.js";

const words: Readonly<Record<AlarmKind, Label>> = {
  unknown: { text: "결제 결과를 모름", tone: "wait" },
  "cancel-unknown": { text: "취소 결과를 모름", tone: "wait" },
  "needs-attention": { text: "돈이 기록과 다름", tone: "bad" },
  reversed: { text: "입금이 취소됨", tone: "bad" },
  "notification-needs-attention": { text: "통보를 확인해야 함", tone: "wait" },
};
const advice: Readonly<Record<AlarmKind, string>> = {
  unknown: "주문을 열어 결제사 화면에서 확인한 것을 적으면 끝납니다.",
  "cancel-unknown": "주문을 열어 결제사 화면에서 확인한 것을 적으면 끝납니다. 그동안 배송은 멈춥니다.",
  "needs-attention": "물건을 보내지 말고, 주문을 열어 안내대로 처리한 것을 적으면 이 알림도 끝납니다.",
  reversed:
    "은행이 입금을 되가져갔습니다. 물건을 보내지 말고 돈도 돌려주지 마세요. 구매자에게 연락하고, 주문을 열어 처리한 것을 적으면 이 알림도 끝납니다.",
  "notification-needs-attention":
    "결제사가 알려 온 것이 어느 주문에도 맞지 않거나 기록과 다릅니다. ‘확인 필요’에서 통보를 찾아 확인한 뒤 표시해 주세요.",
};
const endings: Readonly<Record<string, string>> = {
  approved: "결제된 것으로 밝혀짐",
  deposited: "입금된 것으로 밝혀짐",
  declined: "거절된 것으로 밝혀짐",
  "needs-attention": "돈이 기록과 다른 것으로 밝혀짐",
  settled: "움직이지 않은 것으로 밝혀짐",
  cancelled: "취소된 것으로 밝혀짐",
  "partially-cancelled": "취소된 것으로 밝혀짐",
  "network-cancelled": "승인이 되돌려짐",
  recovery: "자동 복구가 끝냄",
  notification: "결제사의 통보로 밝혀짐",
};

/** What the staff was called for, as the worker heard of it. */
export function alarmsPage(alarms: readonly Alarm[]): string {
  const open = alarms.filter(({ done }) => done === undefined);
  const done = alarms.filter(({ done }) => done !== undefined);
  return page({
    title: "알림",
    body: html`<h1>알림</h1>
<p class="soft">결제에 사람이 필요한 일이 생기면 여기에 남습니다. 같은 일은 한 번만 알립니다.</p>
<section class="panel stack" aria-labelledby="open"><h2 id="open">열린 알림 ${open.length > 0 && html`<span class="count">${open.length}</span>`}</h2>
${open.length === 0 ? html`<p class="soft">열린 알림이 없습니다.</p>` : alarmList(open)}</section>
${done.length > 0 && html`<section class="panel stack" aria-labelledby="done"><h2 id="done">끝난 알림</h2>${alarmList(done)}</section>`}`,
  });
}

/** The alarms of one order, or of all. */
export function alarmList(alarms: readonly Alarm[], { links = true } = {}): Html {
  return html`<ul class="alarms">${alarms.map(
    (alarm) => html`<li>
<div class="alarm-head">${badge(words[alarm.kind])}${
      links &&
      alarm.orderId !== undefined &&
      html`<a href="/orders/${alarm.orderId}"><strong class="number">${alarm.orderId}</strong></a>`
    }${alarm.reason !== undefined && html`<span class="small">${reasonWords(alarm.reason)}</span>`}${alarm.price !== undefined && html`<span class="number">${formatWon(alarm.price)}</span>`}
<time datetime="${alarm.at.toISOString()}" class="number small soft">${formatShortKoreanTime(alarm.at)}</time></div>
${alarm.done === undefined ? openPart(alarm, links) : html`<p class="small soft">${ending(alarm.done)}</p>`}
</li>`,
  )}</ul>`;
}

function ending({ at, by }: { readonly at: Date; readonly by: string }): string {
  return `${endings[by] ?? `${by} 확인`} · ${formatShortKoreanTime(at)}`;
}

function openPart({ id, kind }: Alarm, isElsewhere: boolean): Html {
  const isNotification = kind === "notification-needs-attention";
  // What is unknown ends with a fact, and not by looking at it.
  const closes = kind === "needs-attention" || kind === "reversed" || isNotification;
  return html`${(closes || isElsewhere) && html`<p class="small">${advice[kind]}</p>`}${
    isNotification && html`<p class="small"><a href="/#attention">확인 필요 보기</a></p>`
  }${
    closes &&
    html`<form method="post" action="/alarms/${id}/close"><button class="button button-quiet button-small" type="submit">처리했음으로 표시</button></form>`
  }`;
}
