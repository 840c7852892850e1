import type { ApprovalState, Balance, CancelState, TimelineLine, TransitionKind } from "@payapi/ledger";
import { actorWords, coded, failureWords } from "../code-words.js";
import type { Call } from "../command.js";
import { koreanTime, named, type Text, transitionKinds, transitionStates, won } from "../words.js";

/** The word that ended an order that needs attention, if it is the last that was heard of it: `payapi close` wrote it. */
export function closingWord(timeline: readonly TimelineLine[]): TimelineLine | undefined {
  const last = timeline.at(-1);
  return last !== undefined && isClosingWord(last) ? last : undefined;
}

/** Nothing moved by it, and somebody says what was seen. */
function isClosingWord({ from, to, evidence }: TimelineLine): boolean {
  return evidence !== undefined && from === to;
}

/** A line of an order's history, as cells of a table. */
export function timelineRow(call: Call, line: TimelineLine): string[] {
  const { at, what, from, to, actor, price, tid, resultCode, resultMessage, failureCode, evidence } = line;
  const isClose = isClosingWord(line);
  return [
    `  ${koreanTime(at)}`,
    isClose ? call.say(closed.what) : kindOf(call, what),
    isClose ? call.say(closed.state) : stepOf(call, from, to),
    actor === undefined ? "-" : coded(actor, actorWords, call.language),
    [
      ...(price === undefined ? [] : [call.say(won(price))]),
      ...(tid === undefined ? [] : [`tid ${tid}`]),
      ...(failureCode === undefined ? [] : [coded(failureCode, failureWords, call.language)]),
      ...[resultCode, resultMessage, evidence].filter((text) => text !== undefined),
    ].join(", "),
  ];
}

const closed = {
  what: { en: "dealt with", ko: "처리 기록" },
  state: { en: "stays locked", ko: "잠금 유지" },
} as const;

// What an English reader sees are the record's own words already.
function kindOf(call: Call, what: TransitionKind): string {
  return call.language === "ko" ? named(what, transitionKinds[what], "ko") : what;
}

function stepOf(call: Call, from: ApprovalState | CancelState | undefined, to: ApprovalState | CancelState) {
  const states = from === undefined || from === to ? [to] : [from, to];
  const step = states.join(" -> ");
  if (call.language === "en") return step;
  return `${states.map((state) => transitionStates[state].ko).join(" -> ")} (${step})`;
}

/** What to do before an order that needs attention is closed: it depends on who has too much. */
export function attentionAdvice(timeline: readonly TimelineLine[], { unexplained }: Balance): Text {
  const close = `payapi close <order> --seen ${timeline.length} --actor NAME --evidence TEXT`;
  const closeKo = `payapi close <주문번호> --seen ${timeline.length} --actor 이름 --evidence 근거`;
  const { en, ko } = adviceOf(timeline, unexplained);
  return { en: `${en}; then: ${close}`, ko: `${ko} 그 뒤: ${closeKo}` };
}

function adviceOf(timeline: readonly TimelineLine[], unexplained: number): Text {
  if (unexplained > 0) {
    return {
      en: "Compare this with the gateway's console, and refund there what was taken too much",
      ko: "결제사 관리자 화면과 비교하고 더 받은 금액은 관리자 화면에서 환불하세요.",
    };
  }
  if (timeline.some(({ what }) => what === "reversal")) {
    return {
      en: "The bank took the deposit back. Do not deliver, pay nothing out, and talk to the buyer, who can pay under a new order",
      ko: "은행이 입금을 되돌렸습니다. 배송하거나 돈을 내주지 말고 구매자에게 연락하세요. 결제는 새 주문으로 받을 수 있습니다.",
    };
  }
  if (unexplained < 0) {
    return {
      en: "The gateway gave money back otherwise than asked. Look up in its console how much the buyer has back by now, and pay none of that out again",
      ko: "결제사가 요청과 다르게 돈을 돌려주었습니다. 관리자 화면에서 구매자가 얼마를 돌려받았는지 확인하고, 그 금액을 다시 내주지 마세요.",
    };
  }
  return {
    en: "Compare this with the gateway's console, and pay nothing out before you know which of them is right",
    ko: "결제사 관리자 화면과 비교하고, 어느 쪽이 맞는지 알기 전에는 돈을 내주지 마세요.",
  };
}
