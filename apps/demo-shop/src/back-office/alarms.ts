import { Router } from "express";
import { type Alarm, type AlarmKind, closingOf } from "../shop/events/alarms.js";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { type Label, reasonName } from "../shop/labels.js";
import type { Shop } from "../shop/shop.js";
import { badge, notePage, page, panel, time } from "./frame.js";
import { type Html, html } from "./html.js";
import { readForm, readText } from "./problems.js";
import { nameOfStaff } from "./staff.js";

export type AlarmEnding =
  /** An event that makes the outcome known. */
  | "fact"
  /** The note that closes the order's review, on its page. */
  | "order"
  /** The review was closed elsewhere; only the alarm is open. */
  | "order-closed"
  /** The ledger has nothing to review; the staff closes the alarm. */
  | "mark"
  /** The same, and the goods of a paid order are held until then. */
  | "mark-and-go-on";

/** What ends each open alarm, by id. */
type Endings = ReadonlyMap<string, AlarmEnding>;

/** Returns what ends each open alarm, by id. */
export async function endingsOf(
  { ledger, orders, fulfilment }: Pick<Shop, "ledger" | "orders" | "fulfilment">,
  alarms: readonly Alarm[],
): Promise<Endings> {
  const open = alarms.filter(({ done }) => done === undefined);
  const ids = open.flatMap(({ orderId }) => orderId ?? []);
  const [unknowns, known, goods] = await Promise.all([
    ledger.payments.needsReview(),
    orders.findMany(ids),
    fulfilment.latestOf(ids),
  ]);
  const listed = new Set(unknowns.map(({ orderId }) => orderId));
  const endingOf = async ({ kind, orderId = "" }: Alarm): Promise<AlarmEnding> => {
    if (kind === "unknown" || kind === "cancel-unknown") return "fact";
    if (kind === "notification-needs-review") return "mark";
    // An order of another shop has no page here.
    if (listed.has(orderId)) return known.has(orderId) ? "order" : "mark";
    if (closingOf(await ledger.payments.timeline(orderId)) !== undefined) return "order-closed";
    const status = (await ledger.payments.find(orderId))?.status;
    const isPaid = status === "paid" || status === "partially-cancelled";
    return isPaid && goods.get(orderId) === "held" ? "mark-and-go-on" : "mark";
  };
  return new Map(await Promise.all(open.map(async (alarm) => [alarm.id, await endingOf(alarm)] as const)));
}

const lookAgain = "그사이 다른 사람이 처리했을 수도 있으니 목록에서 다시 확인해 주세요.";

/** The routes for alarms and dead letters. */
export function alarmRoutes(shop: Shop): Router {
  const { ledger, alarms, fulfilment } = shop;
  const router = Router();
  router.get("/alarms", async (_request, response) => {
    const list = await alarms.list();
    response.send(alarmsPage(list, await endingsOf(shop, list)));
  });
  router.post("/alarms/:id/close", readForm, async (request, response) => {
    const alarm = await alarms.find(String(request.params.id));
    const ending = alarm && (await endingsOf(shop, [alarm])).get(alarm.id);
    // Closing only the alarm would leave the order open; the order's page closes both.
    if (alarm?.orderId !== undefined && (ending === "order" || ending === "fact")) {
      response.redirect(303, `/orders/${alarm.orderId}`);
      return;
    }
    if (alarm !== undefined && ending !== undefined) {
      const letsGo = ending === "mark-and-go-on" && readText(request.body, "goods") === "go-on";
      if (letsGo && alarm.orderId !== undefined) await fulfilment.goOn(alarm.orderId);
      await alarms.close(alarm.id, nameOfStaff(response));
    }
    response.redirect(303, "/alarms");
  });
  router.post("/dead-letters", readForm, async (request, response) => {
    const [id, consumer] = [readText(request.body, "id"), readText(request.body, "consumer")];
    if (id === "" || consumer === "") {
      response.status(422).send(notePage("받지 못함", lookAgain, "아무것도 바뀌지 않았습니다"));
      return;
    }
    await ledger.events.redeliver(id, { consumer });
    response.redirect(303, "/");
  });
  return router;
}

const alarmNames: Readonly<Record<AlarmKind, Label>> = {
  unknown: { text: "결제 결과 확인 중", tone: "wait" },
  "cancel-unknown": { text: "취소 결과 확인 중", tone: "wait" },
  "needs-review": { text: "돈이 기록과 다름", tone: "bad" },
  reversed: { text: "입금이 회수됨", tone: "bad" },
  "notification-needs-review": { text: "결제사 알림 확인 필요", tone: "wait" },
};
const notification =
  "결제사 알림이 어느 주문에도 맞지 않거나 기록과 다릅니다. ‘확인 필요’에서 결제사 알림을 찾아 안내대로 확인해 주세요.";
const takenBack = "은행이 입금을 회수했습니다. 물건을 보내지 말고 돈도 돌려주지 마세요.";
/** The instructions for an alarm, by what ends it. */
const advice: Readonly<Record<AlarmEnding, (kind: AlarmKind) => string>> = {
  fact: (kind) =>
    `주문을 열어 결제사 화면에서 확인한 것을 적으면 끝납니다.${kind === "cancel-unknown" ? " 그동안 배송은 멈춥니다." : ""}`,
  order: (kind) =>
    kind === "reversed"
      ? `${takenBack} 구매자에게 연락하고 주문을 열어 처리한 것을 적으면, 주문과 알림이 함께 끝납니다.`
      : "물건을 보내지 말고 주문을 열어 안내대로 처리해 주세요. 처리한 것을 적으면 주문과 알림이 함께 끝납니다.",
  "order-closed": () => "처리한 것을 다른 곳에서 이미 적어 끝낸 주문입니다. 이 알림만 끝내면 됩니다.",
  mark: (kind) =>
    kind === "notification-needs-review"
      ? notification
      : "결제사 알림이 기록과 달라 반영하지 않았습니다. ‘확인 필요’에서 이 주문의 결제사 알림을 찾아 안내대로 처리한 뒤 표시해 주세요.",
  "mark-and-go-on": () =>
    "결제사 알림이 기록과 달라 반영하지 않았고, 결제된 주문이지만 배송을 멈추었습니다. ‘확인 필요’에서 이 주문의 결제사 알림을 찾아 안내대로 처리한 뒤 표시해 주세요.",
};
const enders: Readonly<Record<string, string>> = {
  approved: "결제된 것으로 확인됨",
  deposited: "입금된 것으로 확인됨",
  declined: "거절된 것으로 확인됨",
  "needs-review": "돈이 기록과 다른 것으로 확인됨",
  settled: "처리되지 않은 것으로 확인됨",
  cancelled: "취소된 것으로 확인됨",
  "partially-cancelled": "취소된 것으로 확인됨",
  "net-cancelled": "망취소됨",
  recovery: "자동 복구가 처리함",
  notification: "결제사 알림으로 확인됨",
};

export function alarmsPage(alarms: readonly Alarm[], endings: Endings): string {
  const open = alarms.filter(({ done }) => done === undefined);
  const done = alarms.filter(({ done }) => done !== undefined);
  const openTitle = html`처리할 알림 ${open.length > 0 && html`<span class="count">${open.length}</span>`}`;
  const body = html`<h1>알림</h1>
<p class="soft">담당자가 확인해야 할 일이 여기에 표시됩니다. 같은 일은 한 번만 알립니다.</p>
${panel("open", openTitle, open.length === 0 ? html`<p class="soft">처리할 알림이 없습니다.</p>` : alarmList(open, endings))}
${done.length > 0 && panel("done", "처리한 알림", alarmList(done, endings))}`;
  return page("알림", body);
}

/** The alarms of one order, on its page; or of all. */
export function alarmList(alarms: readonly Alarm[], endings: Endings, { onOrderPage = false } = {}): Html {
  return html`<ul class="alarms">${alarms.map((alarm) => {
    const { id, kind, orderId, reason, price, at, done } = alarm;
    return html`<li>
<div class="alarm-head">${badge(alarmNames[kind])}${
      !onOrderPage &&
      orderId !== undefined &&
      html`<a href="/orders/${orderId}"><strong class="number">${orderId}</strong></a>`
    }${reason !== undefined && html`<span class="small">${reasonName(reason)}</span>`}${price !== undefined && html`<span class="number">${formatWon(price)}</span>`}
${time(at)}</div>
${done === undefined ? openPart(alarm, endings.get(id) ?? "fact", onOrderPage) : html`<p class="small soft">${endingWords(done)}</p>`}
</li>`;
  })}</ul>`;
}

function endingWords({ at, by }: { readonly at: Date; readonly by: string }): string {
  return `${enders[by] ?? `${by} 확인`} · ${formatShortKoreanTime(at)}`;
}

function openPart(alarm: Alarm, ending: AlarmEnding, onOrderPage: boolean): Html | undefined {
  const { id, kind, orderId, notificationId } = alarm;
  // The forms on the same page have the instructions.
  if (onOrderPage && (ending === "fact" || ending === "order")) {
    return ending === "order"
      ? html`<p class="small">위에서 처리한 것을 적으면 이 알림도 끝납니다.</p>`
      : undefined;
  }
  const what = html`<p class="small">${advice[ending](kind)}</p>`;
  if (ending === "fact") return what;
  if (ending === "order") {
    return html`${what}<p><a class="button button-quiet button-small" href="/orders/${orderId}">주문 열고 처리한 것 적기</a></p>`;
  }
  const isListed = ending !== "order-closed";
  return html`${what}${
    isListed &&
    html`<p class="small"><a href="/#${notificationId === undefined ? "attention" : `notification-${notificationId}`}">확인 필요 보기</a></p>`
  }<form class="mark-form" method="post" action="/alarms/${id}/close">${
    ending === "mark-and-go-on" &&
    html`<label class="check"><input type="checkbox" name="goods" value="go-on"> 배송 준비를 다시 시작합니다</label>`
  }<button class="button button-quiet button-small" type="submit">${isListed ? "처리했음으로 표시" : "알림 끝내기"}</button></form>${
    isListed && html`<p class="small soft">표시해도 결제사 알림은 ‘확인 필요’ 목록에 남습니다.</p>`
  }`;
}
