import type { Balance, TimelineEntry } from "@payapi/ledger";
import { actors, callStates, failureCodes, transitionKinds } from "../messages.js";
import { coded, joined, koreanTime, type Phrase, type Text, won } from "../text.js";

/** The entry of `payapi close`, if nothing was reported after it. */
export function closingEntry(timeline: readonly TimelineEntry[]): TimelineEntry | undefined {
  const last = timeline.at(-1);
  return last !== undefined && isClosing(last) ? last : undefined;
}

/** Entries that moved no money and have an operator's evidence. */
function isClosing({ what, from, to, evidence }: TimelineEntry): boolean {
  return evidence !== undefined && from === to && what !== "correction";
}

/** An entry of an order's timeline, as table cells. */
export function timelineRow(entry: TimelineEntry): readonly Phrase[] {
  const { at, what, actor, price, tid, resultCode, resultMessage, failureCode, evidence } = entry;
  const details = [
    price === undefined ? undefined : won(price),
    tid === undefined ? undefined : `tid ${tid}`,
    failureCode === undefined ? undefined : coded(failureCode, failureCodes),
    resultCode,
    resultMessage,
    evidence,
  ];
  const [kind, step] = isClosing(entry)
    ? [
        { en: "closed", ko: "처리 완료" },
        { en: "stays locked", ko: "잠금 유지" },
      ]
    : [coded(what, transitionKinds), stepOf(entry)];
  return [
    `  ${koreanTime(at)}`,
    kind,
    step,
    actor === undefined ? "-" : coded(actor, actors),
    joined(
      details.filter((each) => each !== undefined),
      ", ",
    ),
  ];
}

// English readers see the ledger's codes.
function stepOf({ from, to }: TimelineEntry): Text {
  const states = from === undefined || from === to ? [to] : [from, to];
  const en = states.join(" -> ");
  return { en, ko: `${states.map((state) => callStates[state].ko).join(" -> ")} (${en})` };
}

/** The step before closing an order that needs review: it depends on who has too much money. */
export function reviewAdvice(timeline: readonly TimelineEntry[], { suspense }: Balance): Text {
  const { en, ko } = adviceOf(timeline, suspense);
  const seen = `--seen ${timeline.length}`;
  return {
    en: `${en}; then: payapi close <orderId> ${seen} --actor NAME --evidence TEXT`,
    ko: `${ko} 그 뒤: payapi close <주문번호> ${seen} --actor 이름 --evidence 근거`,
  };
}

function adviceOf(timeline: readonly TimelineEntry[], suspense: number): Text {
  if (suspense > 0) {
    return {
      en: "Compare this with the gateway's console, and refund there what was charged too much",
      ko: "결제사 관리자 화면과 비교하고 더 받은 금액은 관리자 화면에서 환불하세요.",
    };
  }
  if (timeline.some(({ what }) => what === "reversal")) {
    return {
      en: "The bank reversed the deposit. Do not deliver, pay nothing out, and talk to the buyer, who can pay under a new order",
      ko: "은행이 입금을 회수했습니다. 배송하거나 돈을 내주지 말고 구매자에게 연락하세요. 결제는 새 주문으로 받을 수 있습니다.",
    };
  }
  if (suspense < 0) {
    return {
      en: "The gateway gave money back otherwise than requested. Look up in its console how much the buyer has back, and pay none of that out again",
      ko: "결제사가 요청과 다르게 환불했습니다. 구매자가 돌려받은 금액을 관리자 화면에서 확인하고, 그 금액을 다시 내주지 마세요.",
    };
  }
  return {
    en: "Compare this with the gateway's console, and pay nothing out before you know which of them is right",
    ko: "결제사 관리자 화면과 비교하고, 어느 쪽이 맞는지 알기 전에는 돈을 내주지 마세요.",
  };
}
