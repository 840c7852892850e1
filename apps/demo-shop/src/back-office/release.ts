import type { NotificationReceipt } from "@payapi/core";
import { type Html, html } from "./html.js";

type Effect = NotificationReceipt["effect"] | "gone" | "no-evidence" | "no-tid" | "other-tid";

/** The result of releasing a notification. */
export interface Release {
  readonly effect: Effect;
  readonly orderId?: string | undefined;
  /** The notification whose form is shown again, with its input. */
  readonly again?: ReleaseForm & { readonly id: string };
}

/** The input of the form. */
export interface ReleaseForm {
  readonly evidence: string;
  /** Required only if the list shows it masked. */
  readonly tid: string;
}

const texts: Readonly<Record<Effect, readonly [tone: "good" | "plain" | "wait" | "bad", string, string]>> = {
  applied: ["good", "결제사 알림을 반영했습니다.", "주문의 상태가 알림대로 바뀌었고 목록에서 빠졌습니다."],
  known: ["plain", "이미 기록에 있는 일이었습니다.", "돈의 기록은 바뀌지 않았고 목록에서 빠졌습니다."],
  ignored: [
    "plain",
    "돈과 상관없는 알림으로 판단했습니다.",
    "돈의 기록은 바뀌지 않았고 목록에서 빠졌습니다.",
  ],
  quarantined: [
    "wait",
    "다시 판단했지만 여전히 맞는 주문이 없습니다.",
    "돈의 기록은 바뀌지 않았고 목록에 남아 있습니다. 우리 거래가 맞다면 결제사에 물어보고, 알게 된 것을 적어 다시 판단하세요.",
  ],
  mismatch: [
    "wait",
    "기록과 다른 알림으로 판단했습니다.",
    "아래의 다른 목록으로 옮겼습니다. 그곳의 안내를 따라 주세요.",
  ],
  gone: ["plain", "더 판단할 것이 없습니다.", "그사이 다른 사람이 처리했습니다. 바뀐 것은 없습니다."],
  "no-tid": [
    "bad",
    "거래번호를 적어 주세요.",
    "카드번호일 수도 있는 숫자라 가려 둔 거래번호입니다. 결제사 관리자 화면에 있는 그대로 적어 주세요. 아직 아무것도 바뀌지 않았습니다.",
  ],
  "other-tid": [
    "bad",
    "결제사 알림의 거래번호가 아닙니다.",
    "결제사 관리자 화면에서 같은 거래인지 다시 확인해 주세요. 아직 아무것도 바뀌지 않았습니다.",
  ],
  "no-evidence": [
    "bad",
    "무엇을 보고 확인했는지 적어 주세요.",
    "어느 화면에서 언제 보았는지 한 줄로 적어 주세요. 아직 아무것도 바뀌지 않았습니다.",
  ],
};

/** The effects that remove the notification from the list. */
const over = ["applied", "known", "ignored"] as const;

/** Returns whether no review is needed any more. */
export function isOver(effect: NotificationReceipt["effect"]): effect is (typeof over)[number] {
  return over.some((one) => one === effect);
}

/** Reads the result of a preceding release from the list's URL; other values are ignored. */
export function readRelease({ released, order }: Readonly<Record<string, unknown>>): Release | undefined {
  const effect = over.find((one) => one === released);
  return effect && { effect, orderId: typeof order === "string" ? order : undefined };
}

/** The place of the result in the list. */
export function afterRelease({ effect, orderId }: NotificationReceipt): string {
  return `/?${new URLSearchParams({ released: effect, ...(orderId === undefined ? {} : { order: orderId }) })}`;
}

/** The text of the result. */
export function releaseNotice({ effect, orderId }: Release): Html {
  const [tone, title, text] = texts[effect];
  return html`<div class="notice notice-${tone}" role="status" tabindex="-1" autofocus><strong>${title}</strong><p>${text}${
    orderId !== undefined &&
    html` <a href="/orders/${encodeURIComponent(orderId)}">주문 <span class="number">${orderId}</span> 보기</a>`
  }</p></div>`;
}
