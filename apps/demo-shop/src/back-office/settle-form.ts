import type { Balance, CallInReview, OverdueAccount, TimelineEntry } from "@payapi/ledger";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { facts, panel } from "./frame.js";
import { type Html, html } from "./html.js";
import type { OrderView } from "./order-view.js";
import type { ResolutionForm } from "./problems.js";

/** The panels for an order's open calls: what to check, what to search for, and the form for the result. */
export function settlePanels(view: OrderView): readonly Html[] {
  const { unknowns, overdue, timeline, balance, consoleUrl } = view;
  const approvalOpen = unknowns.some(({ kind, state }) => kind === "approval" && state === "unknown");
  const panels = unknowns.map((call) => {
    const id = `settle-${call.kind}`;
    const title = call.kind === "approval" ? "결제가 되었는지 확인하기" : "취소가 되었는지 확인하기";
    if (call.state === "unknown" && call.kind === "cancel" && approvalOpen) {
      return settlePanel(
        id,
        title,
        html`<p>먼저 결제가 되었는지 확인해 주세요. 결제가 되지 않았다면 되돌릴 것도 없습니다.</p>`,
      );
    }
    if (call.state === "unknown") {
      return settlePanel(
        id,
        title,
        html`${whereToLook(call, consoleUrl)}${settleForm(view, call.kind, call.kind === "approval" ? "승인" : "취소")}`,
      );
    }
    const isSending = call.state === "sending";
    const search = whereToLook(call, consoleUrl, [], isSending ? undefined : balance);
    const body = html`${otherwise(call, timeline, balance)}${search}`;
    return settlePanel(id, isSending ? title : "돈이 기록과 다릅니다", body);
  });
  // If there are several accounts, the ledger resolves the newest first.
  const account = overdue.at(-1);
  return account === undefined ? panels : [...panels, accountPanel(account, view)];
}

function settlePanel(id: string, title: string, body: Html): Html {
  return panel(id, title, body, "settle");
}

/** The label of the sum in the books: received less refunded, as far as the gateway reported. */
export const takenName = "기록상 결제사가 받은 금액";

function accountPanel(account: OverdueAccount, view: OrderView): Html {
  return settlePanel(
    "settle-account",
    "입금되었는지 확인하기",
    html`<p>입금 기한이 지났습니다. 대개 입금하지 않은 것이지만, 입금되었는데 알림이 오지 않았을 수도 있습니다.</p>
${whereToLook(account, view.consoleUrl)}${settleForm(view, "approval", "입금")}`,
  );
}

/** The console lists transactions by the merchant's order number. */
function whereToLook(
  { oid, tid, price, since }: Pick<CallInReview, "oid" | "price"> & { tid?: string; since?: Date },
  consoleUrl: string,
  more = ["확인한 그대로 아래에 적습니다. 확실하지 않으면 적지 말고 결제사에 물어보세요."],
  taken?: Balance,
): Html {
  // Browsers with text fragments scroll to the number and mark it.
  const search = `#:~:text=${encodeURIComponent(oid).replaceAll("-", "%2D")}`;
  return html`<ol class="todo">
<li><a href="${consoleUrl}${search}" target="_blank" rel="noopener noreferrer">결제사 관리자 화면(모의)</a>을 새 창에서 엽니다.</li>
<li>거래 목록에서 결제사 주문번호를 찾습니다.</li>
${more.map((step) => html`<li>${step}</li>`)}</ol>
${facts([
  ["결제사 주문번호", html`<strong class="code">${oid}</strong>`],
  ["거래번호", tid && html`<span class="code">${tid}</span>`],
  [taken === undefined ? "금액" : "요청한 금액", formatWon(price)],
  [takenName, taken && html`<strong class="number">${formatWon(taken.gateway)}</strong>`],
  ["발생 시각", since && formatShortKoreanTime(since)],
])}`;
}

/** The text for calls that no resolution ends: the gateway's answer is known and differs from the request. */
function otherwise(
  { kind, state, mismatch }: CallInReview,
  timeline: readonly TimelineEntry[],
  { gateway }: Balance,
): Html {
  if (state === "sending") {
    return html`<p>응답 대기 시간이 방금 지났습니다. 잠시 뒤 자동 복구가 “결과 확인 중”으로 바꾸면 여기서 확인을 적을 수 있습니다.</p>`;
  }
  if (mismatch && gateway <= 0 && timeline.some(({ what }) => what === "reversal")) {
    return html`<p>은행이 입금을 회수했습니다. 받은 돈이 없으니 <strong>물건을 보내지 말고, 돈도 돌려주지 마세요.</strong> 구매자에게 연락해 어떻게 할지 정한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있으니, 다시 파시려면 새 주문으로 받아 주세요.</p>`;
  }
  if (mismatch && timeline.some(({ failureCode }) => failureCode === "cancelled-elsewhere")) {
    return html`<p>이 상점을 거치지 않고 취소된 결제입니다. 결제사가 이미 돌려준 돈이니 <strong>물건을 보내지 말고, 또 돌려주지도 마세요.</strong> 결제사 관리자 화면에서 누가 언제 취소했는지 확인한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있습니다.</p>`;
  }
  const why =
    state === "approved_mismatch"
      ? "주문과 다른 금액이 승인되었습니다."
      : state === "approved_no_tid"
        ? "승인되었지만 거래번호가 없어 이 화면에서 취소할 수 없습니다."
        : mismatch && kind === "approval"
          ? "나중에 확인된 내용이 기록과 다릅니다. ‘처리 내역’에 둘 다 남아 있습니다."
          : "취소한 뒤 남은 금액이 기록과 다릅니다.";
  return html`<p>${why} 물건은 보내지 말고, 결제사 관리자 화면에서 거래를 찾아 더 받은 돈이 있으면 그곳에서 돌려주세요. 처리한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있습니다.</p>`;
}

function settleForm(
  { order, staffName, now, refused }: OrderView,
  about: ResolutionForm["about"],
  what: "승인" | "입금" | "취소",
): Html {
  const given = refused?.resolution?.about === about ? refused.resolution : undefined;
  const isApproval = about === "approval";
  const choice = (outcome: string, text: string, note: string) => html`<label class="choice">
<input type="radio" name="outcome" value="${outcome}" required${given?.outcome === outcome && html` checked`}>
<span><strong>${text}</strong> <span class="small soft">${note}</span></span></label>`;
  return html`<form class="settle-form" method="post" action="/orders/${order.id}/settlement">
<input type="hidden" name="about" value="${about}"><input type="hidden" name="shownAt" value="${now.toISOString()}">
<fieldset class="choices"><legend>${what}되었나요?</legend>
${choice("moved", `${what}되었습니다`, `— ${isApproval ? "거래가" : "취소가"} 목록에 있고 금액도 같습니다`)}
${choice("not-moved", `${what}되지 않았습니다`, "— 목록에 없습니다 (요청 제한 시간에서 10분이 지난 뒤부터)")}
</fieldset>
<div class="field"><label for="tid-${about}">${isApproval ? "거래번호(거래ID)" : "취소 거래번호"} <span class="optional">(${isApproval ? `${what}되었을 때` : "있을 때만"})</span></label>
<input id="tid-${about}" name="tid" maxlength="40" autocomplete="off" spellcheck="false" class="code" value="${given?.tid ?? ""}"></div>
<div class="field"><label for="tid-again-${about}">한 번 더 <span class="optional">(다시 복사해서)</span></label>
<input id="tid-again-${about}" name="tidAgain" maxlength="40" autocomplete="off" spellcheck="false" class="code" value=""></div>
${evidenceField(about, "무엇을 보고 확인했나요?", "예: 관리자 화면 거래 목록, 09:20에 봄", given?.evidence, staffName)}
<button class="button" type="submit">확인한 대로 끝내기</button>
</form>`;
}

function evidenceField(
  id: string,
  label: string,
  example: string,
  value: string | undefined,
  staffName: string,
): Html {
  return html`<div class="field"><label for="evidence-${id}">${label}</label>
<input id="evidence-${id}" name="evidence" maxlength="1000" autocomplete="off" required placeholder="${example}" value="${value ?? ""}" aria-describedby="kept-${id}">
<p id="kept-${id}" class="hint">확인한 사람(${staffName})과 함께 기록에 영구히 남습니다. 카드번호는 적지 마세요.</p></div>`;
}

/** The form in which the staff writes how an order's review was closed. */
export function closePanel({ order, timeline, staffName, refused }: OrderView): Html {
  const given = refused?.resolution === undefined ? refused?.evidence : undefined;
  return settlePanel(
    "close",
    "처리한 것을 적고 끝내기",
    html`<p>‘처리 내역’을 끝까지 읽고 결제사 관리자 화면과 대조해 처리했다면 적어 주세요. 확인 필요 목록에서 빠집니다. 돈의 기록은 바뀌지 않고, 주문은 계속 잠겨 있습니다.</p>
<form class="settle-form" method="post" action="/orders/${order.id}/attention">
<input type="hidden" name="seenEntries" value="${timeline.length}">
${evidenceField("close", "무엇을 보고 어떻게 처리했나요?", "예: 관리자 화면에서 1,000원 돌려줌, 09:20에 봄", given, staffName)}
<button class="button" type="submit">처리했음으로 끝내기</button>
</form>`,
  );
}
