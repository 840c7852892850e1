import type { TimelineEntry } from "@payapi/ledger";
import { formatWon } from "../shop/korean.js";
import { reasonName } from "../shop/labels.js";
import { time } from "./frame.js";
import { type Html, html } from "./html.js";

type State = TimelineEntry["to"];
type Tone = "good" | "bad" | "wait" | "plain";

const approvalTexts: Partial<Record<State, readonly [text: string, tone: Tone]>> = {
  reserved: ["결제를 준비함", "plain"],
  sending: ["결제사에 승인을 요청함", "plain"],
  approved: ["승인됨", "good"],
  declined: ["결제사가 거절함", "bad"],
  not_sent: ["보내지 못함 — 승인되지 않음", "plain"],
  unknown: ["응답을 받지 못함 — 승인되었는지 알 수 없음", "wait"],
  approved_mismatch: ["요청과 다른 금액이 승인됨", "bad"],
  approved_no_tid: ["거래번호 없이 승인됨", "bad"],
  mismatch: ["기록과 다른 응답을 받음", "bad"],
  settled_not_moved: ["결제되지 않은 것으로 확인함", "plain"],
  net_cancelled: ["결과를 모르던 승인을 망취소함", "plain"],
  awaiting_deposit: ["가상계좌를 발급함 — 입금을 기다림", "plain"],
};
const cancelTexts: Partial<Record<State, readonly [text: string, tone: Tone]>> = {
  reserved: ["취소를 준비함", "plain"],
  sending: ["결제사에 취소를 요청함", "plain"],
  done: ["취소됨", "good"],
  refused: ["결제사가 취소를 거절함", "bad"],
  not_sent: ["취소를 보내지 못함 — 결제는 그대로임", "plain"],
  unknown: ["응답을 받지 못함 — 취소되었는지 알 수 없음", "wait"],
  mismatch: ["남은 금액이 기록과 다름", "bad"],
  settled_not_moved: ["취소되지 않은 것으로 확인함", "plain"],
};

/** Returns whether an entry is a review note, which changes no state. */
function isClosing({ what, evidence, from, to }: TimelineEntry): boolean {
  return evidence !== undefined && from === to && what !== "correction";
}

/** The review note of an order, unless entries were added since. */
export function closingOf(timeline: readonly TimelineEntry[]): TimelineEntry | undefined {
  const last = timeline.at(-1);
  return last !== undefined && isClosing(last) ? last : undefined;
}

export function timelineOf(lines: readonly TimelineEntry[]): Html {
  return html`<ol class="timeline">${lines.map((line) => {
    const [text, tone] = textOf(line);
    const details = [
      line.price !== undefined && formatWon(line.price),
      line.resultMessage !== undefined && `“${line.resultMessage}”`,
      line.resultCode !== undefined && `결과코드 ${line.resultCode}`,
      line.failureCode !== undefined &&
        line.failureCode !== "refused" &&
        (reasons[line.failureCode] ?? reasonName(line.failureCode)),
      isClosing(line) ? undefined : line.evidence && `${line.actor ?? "직원"} 확인: ${line.evidence}`,
      // Unless it was the call itself.
      line.evidence === undefined && line.actor !== undefined && (actors[line.actor] ?? line.actor),
    ].filter((detail) => detail !== false && detail !== undefined);
    return html`<li class="tone-${tone}">
${time(line.at)}
<div><strong>${text}</strong>${details.length > 0 && html`<p class="small soft">${details.join(" · ")}</p>`}${
      line.tid !== undefined && html`<p class="small soft">거래번호 <span class="code">${line.tid}</span></p>`
    }</div>
</li>`;
  })}</ol>`;
}

const actors: Readonly<Record<string, string>> = { recovery: "자동 복구", notification: "결제사 알림" };
const reasons: Readonly<Record<string, string>> = {
  "connection-failed": "연결하지 못함",
  "tls-failed": "안전한 연결을 만들지 못함",
  "unsupported-runtime": "지원하지 않는 런타임",
  "before-send-failed": "보내기 직전에 멈춤",
  "connection-lost": "연결이 끊김",
  deadline: "제한 시간 안에 응답이 없음",
  aborted: "도중에 멈춤",
  "reply-too-large": "응답이 너무 큼",
  "reply-invalid": "응답을 읽을 수 없음",
  "http-error": "결과를 알 수 없는 HTTP 상태",
  "success-mismatch": "금액이 다름",
  "success-incomplete": "거래번호가 없음",
};

function textOf(line: TimelineEntry): readonly [string, Tone] {
  if (isClosing(line)) return [`확인하고 끝냄: ${line.actor ?? "직원"} — ${line.evidence}`, "plain"];
  const { what, from, to } = line;
  if (what === "approval" && from === "awaiting_deposit" && to === "approved") return ["입금됨", "good"];
  if (what === "approval") return approvalTexts[to] ?? [to, "plain"];
  if (what === "correction") return ["확인한 것을 바로잡음", "plain"];
  return what === "cancel" ? (cancelTexts[to] ?? [to, "plain"]) : [mismatches[what], "bad"];
}

const mismatches = {
  "approval-mismatch": "나중에 온 응답이 기록과 다름",
  "cancel-mismatch": "나중에 온 응답이 기록과 다름",
  notification: "결제사 알림이 기록과 다름",
  reversal: "입금이 회수됨",
};
