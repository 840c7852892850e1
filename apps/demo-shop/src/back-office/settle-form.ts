import type { Balance, OverdueAccount, SettlementRefusal, TimelineLine, UnknownCall } from "@payapi/ledger";
import { formatShortKoreanTime, formatWon } from "../shop/korean.js";
import { facts } from "./frame.js";
import { type Html, html } from "./html.js";

/** What a member of the staff found out, as the form sends it. */
export interface Finding {
  readonly about: "approval" | "cancel";
  readonly outcome: string;
  readonly tid: string;
  readonly evidence: string;
  /** When the page with the form was opened: the gateway's was looked at after that. */
  readonly shownAt?: Date | undefined;
}

/** What the form says again when a finding could not be taken. */
export interface RefusedFinding {
  readonly finding: Finding;
  readonly problem: Problem;
}

/** Why a finding was not taken, in words. */
export interface Problem {
  readonly title: string;
  readonly text: string;
}

/** What is to be found out about an order, what to search for, and the form for what was found. */
export function settlePanels({
  orderId,
  unknowns,
  overdue,
  timeline,
  balance,
  consoleUrl,
  staffName,
  now,
  refused,
}: {
  orderId: string;
  /** The order's calls that somebody must look into. */
  unknowns: readonly UnknownCall[];
  /** The order's accounts that should have been paid by now. */
  overdue: readonly OverdueAccount[];
  timeline: readonly TimelineLine[];
  balance: Balance;
  /** The page of the gateway on which transactions can be looked up. */
  consoleUrl: string;
  staffName: string;
  now: Date;
  refused: RefusedFinding | undefined;
}): readonly (Html | undefined)[] {
  const approvalOpen = unknowns.some(({ kind, state }) => kind === "approval" && state === "unknown");
  const form = (about: Finding["about"]) =>
    settleForm(orderId, about, { staffName, now, filledIn: refused?.finding });
  const panels = unknowns.map((call) => {
    if (call.state !== "unknown") {
      return panel(
        call.kind,
        html`${otherwise(call, timeline, balance)}${whereToLook(call, consoleUrl, [], call.state === "sending" ? undefined : balance)}`,
        call.state === "sending" ? undefined : otherTitle,
      );
    }
    if (call.kind === "cancel" && approvalOpen) {
      return panel(
        "cancel",
        html`<p>먼저 결제가 되었는지 확인해 주세요. 결제가 되지 않았다면 되돌릴 것도 없습니다.</p>`,
      );
    }
    return panel(call.kind, html`${whereToLook(call, consoleUrl)}${form(call.kind)}`);
  });
  // Of several accounts the ledger settles the newest first.
  const account = overdue.at(-1);
  return [
    // Above everything: what was unknown when the page was opened may be known by now, and have no form any more.
    refused && problemNotice(refused.problem),
    ...panels,
    account && accountPanel(account, consoleUrl, form("approval")),
  ];
}

/** The books' sum: taken less given back, as far as the gateway told. */
export const takenName = "기록상 결제사가 받은 금액";

const titles = { approval: "결제가 되었는지 확인하기", cancel: "취소가 되었는지 확인하기" } as const;
const otherTitle = "돈이 기록과 다릅니다";

function panel(about: Finding["about"], body: Html, title: string = titles[about]): Html {
  return html`<section class="panel stack settle" aria-labelledby="settle-${about}">
<h2 id="settle-${about}">${title}</h2>${body}</section>`;
}

function accountPanel(account: OverdueAccount, consoleUrl: string, form: Html): Html {
  return html`<section class="panel stack settle" aria-labelledby="settle-account">
<h2 id="settle-account">입금되었는지 확인하기</h2>
<p>입금 기한이 지났습니다. 대개 입금하지 않은 것이지만, 입금되었는데 통보가 오지 않았을 수도 있습니다.</p>
${whereToLook(account, consoleUrl)}${form}</section>`;
}

/** The console lists transactions by the merchant's order number. */
function whereToLook(
  { oid, tid, price, since }: Pick<UnknownCall, "oid" | "price"> & { tid?: string; since?: Date },
  consoleUrl: string,
  more = ["본 그대로 아래에 적습니다. 확실하지 않으면 적지 말고 결제사에 물어보세요."],
  taken?: Balance,
): Html {
  return html`<ol class="todo">
<li><a href="${consoleUrl}${searchFor(oid)}" target="_blank" rel="noopener noreferrer">결제사 관리자 화면(모의)</a>을 새 창에서 엽니다.</li>
<li>거래 목록에서 결제사 주문번호를 찾습니다.</li>
${more.map((step) => html`<li>${step}</li>`)}</ol>
${facts([
  ["결제사 주문번호", html`<strong class="code">${oid}</strong>`],
  ["거래번호", tid && html`<span class="code">${tid}</span>`],
  [taken === undefined ? "금액" : "요청한 금액", formatWon(price)],
  [takenName, taken && html`<strong class="number">${formatWon(taken.gateway)}</strong>`],
  ["언제부터", since && formatShortKoreanTime(since)],
])}`;
}

/** Browsers that can, scroll to the number and mark it. */
function searchFor(oid: string): string {
  return `#:~:text=${encodeURIComponent(oid).replaceAll("-", "%2D")}`;
}

/** What no finding ends: the gateway's own words are known, and they are not what was asked. */
function otherwise(
  { kind, state, contradicted }: UnknownCall,
  timeline: readonly TimelineLine[],
  { gateway }: Balance,
): Html {
  if (state === "sending") {
    return html`<p>답을 기다리는 시간이 막 지났습니다. 잠시 뒤 자동 복구가 “결과를 모름”으로 바꾸면 여기서 확인을 적을 수 있습니다.</p>`;
  }
  if (contradicted && gateway <= 0 && timeline.some(({ what }) => what === "reversal")) {
    return html`<p>은행이 입금을 되가져갔습니다. 받은 돈이 없으니 <strong>물건을 보내지 말고, 돈도 돌려주지 마세요.</strong> 구매자에게 연락해 어떻게 할지 정한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있으니, 다시 파시려면 새 주문으로 받아 주세요.</p>`;
  }
  if (contradicted && timeline.some(({ failureCode }) => failureCode === "cancelled-elsewhere")) {
    return html`<p>이 가게를 거치지 않고 취소된 결제입니다. 결제사가 이미 돌려준 돈이니 <strong>물건을 보내지 말고, 또 돌려주지도 마세요.</strong> 결제사 관리자 화면에서 누가 언제 취소했는지 확인한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있습니다.</p>`;
  }
  const why =
    state === "approved_mismatch"
      ? "주문과 다른 금액이 승인되었습니다."
      : state === "approved_no_tid"
        ? "승인되었지만 거래번호가 없어 이 화면에서 취소할 수 없습니다."
        : contradicted && kind === "approval"
          ? "나중에 온 사실이 기록과 다릅니다. ‘일어난 일’에 둘 다 남아 있습니다."
          : "취소한 뒤 남은 금액이 기록과 다릅니다.";
  return html`<p>${why} 물건은 보내지 말고, 결제사 관리자 화면에서 거래를 찾아 더 받은 돈이 있으면 그곳에서 돌려주세요. 처리한 뒤 아래에 적으면 끝납니다. 이 주문은 그 뒤에도 잠겨 있습니다.</p>`;
}

function settleForm(
  orderId: string,
  about: Finding["about"],
  {
    staffName,
    now,
    filledIn,
  }: { readonly staffName: string; readonly now: Date; readonly filledIn: Finding | undefined },
): Html {
  const given = filledIn?.about === about ? filledIn : undefined;
  const id = (name: string) => `${name}-${about}`;
  const choice = (outcome: string, text: string, note: string) => html`<label class="choice">
<input type="radio" name="outcome" value="${outcome}" required${given?.outcome === outcome && html` checked`}>
<span><strong>${text}</strong> <span class="small soft">${note}</span></span></label>`;
  const what = about === "approval" ? "거래가" : "취소가";
  return html`<form class="settle-form" method="post" action="/orders/${orderId}/settlement">
<input type="hidden" name="about" value="${about}"><input type="hidden" name="shownAt" value="${now.toISOString()}">
<fieldset class="choices"><legend>돈이 움직였나요?</legend>
${choice("moved", "움직였습니다", `— ${what} 목록에 있고 금액도 같습니다`)}
${choice("not-moved", "움직이지 않았습니다", "— 목록에 없습니다 (요청 제한 시간에서 10분이 지난 뒤부터)")}
</fieldset>
<div class="field"><label for="${id("tid")}">${about === "approval" ? "거래번호(거래ID)" : "취소 거래번호"} <span class="optional">(${about === "approval" ? "움직였을 때" : "있을 때만"})</span></label>
<input id="${id("tid")}" name="tid" maxlength="40" autocomplete="off" spellcheck="false" class="code" value="${given?.tid ?? ""}"></div>
<div class="field"><label for="${id("evidence")}">무엇을 보고 확인했나요?</label>
<input id="${id("evidence")}" name="evidence" maxlength="1000" autocomplete="off" required placeholder="예: 관리자 화면 거래 목록, 09:20에 봄" value="${given?.evidence ?? ""}" aria-describedby="${id("kept")}">
<p id="${id("kept")}" class="hint">확인한 사람(${staffName})과 함께 기록에 영구히 남습니다. 카드번호는 적지 마세요.</p></div>
<button class="button" type="submit">확인한 대로 끝내기</button>
</form>`;
}

/** Why something was not taken. */
export function problemNotice({ title, text }: Problem): Html {
  return html`<div class="notice notice-bad" role="alert" tabindex="-1" autofocus><strong>${title}</strong><p>${text}</p></div>`;
}

/** Why the ledger did not take a finding, in words for the staff. */
export function problemOf(reason: SettlementRefusal, notBefore: Date | undefined, now: Date): Problem {
  switch (reason) {
    case "too-early":
      if (notBefore !== undefined && notBefore <= now) {
        return {
          title: "다시 보고 끝내 주세요",
          text: `이 화면은 ${formatShortKoreanTime(notBefore)} 전에 열렸고, 결제사는 그 뒤에 처리했을 수도 있습니다. 결제사 관리자 화면을 다시 열어 지금도 없는지 확인한 뒤 끝내 주세요.`,
        };
      }
      return {
        title: "아직 끝낼 수 없습니다",
        text: `결제사가 늦게라도 처리할 수 있는 시간입니다. ${notBefore === undefined ? "10분쯤 뒤" : formatShortKoreanTime(notBefore)}까지 목록에 나타나지 않으면 그때 “움직이지 않았습니다”로 끝내 주세요. 데모에서도 이 시간은 줄이지 않습니다. 돈이 움직인 것을 보았다면 지금 끝낼 수 있습니다.`,
      };
    case "approval-first":
      return {
        title: "결제부터 확인해 주세요",
        text: "결제와 그것을 되돌리는 취소의 결과를 둘 다 모릅니다. 결제가 되었는지 먼저 적어야 취소의 뜻이 정해집니다.",
      };
    case "tid-missing":
      return {
        title: "거래번호를 적어 주세요",
        text: "승인된 거래에는 거래번호가 있고, 그것이 없으면 나중에 취소할 수 없습니다.",
      };
    case "tid-known":
      return {
        title: "다른 결제의 거래번호입니다",
        text: "이미 기록에 있는 거래번호입니다. 잘못 옮겨 적지 않았는지 목록에서 다시 확인해 주세요.",
      };
    case "paid-otherwise":
      return {
        title: "이미 다른 방법으로 결제된 주문입니다",
        text: "입금된 돈은 이 주문의 결제가 될 수 없습니다. 결제사의 통보를 확인하고 돌려주세요.",
      };
    case "not-unknown":
    case "no-such-order":
      return {
        title: "더 확인할 것이 없습니다",
        text: "그사이 다른 사실로 끝났거나 아직 처리하고 있습니다. 적으신 것은 아무것도 바꾸지 않았습니다. 지금 상태를 확인해 주세요.",
      };
  }
}
