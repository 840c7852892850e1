import type { ClosedAttention, TimelineLine } from "@payapi/ledger";
import { formatShortKoreanTime } from "../shop/korean.js";
import { type Html, html } from "./html.js";
import { type Problem, problemNotice } from "./settle-form.js";

/** What the form says again when a word could not be taken. */
export interface RefusedClose {
  readonly evidence: string;
  readonly problem: Problem;
}

/** The form in which the staff says how an order that needs attention was dealt with. */
export function closePanel({
  orderId,
  seenLines,
  staffName,
  refused,
}: {
  orderId: string;
  /** How many lines of history stand on the same page. */
  seenLines: number;
  staffName: string;
  refused: RefusedClose | undefined;
}): Html {
  return html`<section class="panel stack settle" aria-labelledby="close">
<h2 id="close">처리한 것을 적고 끝내기</h2>
<p>‘일어난 일’을 끝까지 읽고 결제사 관리자 화면과 견주어 처리했다면 적어 주세요. 확인 필요 목록과 이 주문의 알림에서 빠집니다. 돈의 기록은 바뀌지 않고, 주문은 계속 잠겨 있습니다.</p>
<form class="settle-form" method="post" action="/orders/${orderId}/attention">
<input type="hidden" name="seenLines" value="${seenLines}">
<div class="field"><label for="evidence-close">무엇을 보고 어떻게 처리했나요?</label>
<input id="evidence-close" name="evidence" maxlength="1000" autocomplete="off" required placeholder="예: 관리자 화면에서 1,000원 돌려줌, 09:20에 봄" value="${refused?.evidence ?? ""}" aria-describedby="kept-close">
<p id="kept-close" class="hint">확인한 사람(${staffName})과 함께 기록에 영구히 남습니다. 카드번호는 적지 마세요.</p></div>
<button class="button" type="submit">처리했음으로 끝내기</button>
</form></section>`;
}

/** What stands above everything when a word was not taken: the form may be gone by then. */
export function closeProblem(refused: RefusedClose | undefined): Html | undefined {
  return refused && problemNotice(refused.problem);
}

/** That an order was dealt with, by whom and how. */
export function dealtWithNotice({ actor, at, evidence }: TimelineLine): Html {
  return html`<section class="notice notice-plain"><h2>처리가 끝난 주문입니다</h2>
<p>${actor ?? "직원"} 님이 ${formatShortKoreanTime(at)}에 확인하고 끝냈습니다: ${evidence}</p>
<p>주문은 계속 잠겨 있어 다시 결제하거나 취소할 수 없습니다. 다시 파시려면 새 주문으로 받아 주세요. 이 주문에 새로운 일이 생기면 다시 알립니다.</p></section>`;
}

type Refusal = Extract<ClosedAttention, { status: "refused" }>["reason"];

/** Why the ledger did not take the word, in words for the staff. */
export function closeProblemOf(reason: Refusal): Problem {
  switch (reason) {
    case "changed":
      return {
        title: "그사이 새로운 일이 있었습니다",
        text: "화면을 여신 뒤 이 주문에 일어난 일이 더 있어 끝내지 않았습니다. ‘일어난 일’을 끝까지 다시 읽고, 그것까지 처리했다면 다시 끝내 주세요. 적으신 것은 그대로 두었습니다.",
      };
    case "outcome-unknown":
      return {
        title: "먼저 결과를 확인해 주세요",
        text: "이 주문에는 돈이 움직였는지 모르는 결제나 취소가 있습니다. 그것부터 확인해 적은 뒤 끝낼 수 있습니다.",
      };
    case "needs-no-attention":
    case "no-such-order":
      return {
        title: "더 처리할 것이 없습니다",
        text: "이미 끝난 주문이거나 확인이 필요하지 않은 주문입니다. 적으신 것은 아무것도 바꾸지 않았습니다. 지금 상태를 확인해 주세요.",
      };
  }
}
