import type { ClosedAttention } from "@payapi/ledger";
import type { Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { argument, mustHave, requiredCount } from "../read-options.js";
import type { Text } from "../words.js";
import { orderResult } from "./cancel.js";
import { wordOf, wordOptions } from "./verbs.js";

type Refusal = Extract<ClosedAttention, { status: "refused" }>["reason"];

const refusals: Readonly<Record<Refusal, Text>> = {
  "no-such-order": { en: "No payment of this order was ever tried.", ko: "이 주문의 결제 시도가 없습니다." },
  "needs-no-attention": {
    en: "This order needs no attention; nothing was changed. `payapi orders <order>` shows what is known of it.",
    ko: "확인이 필요한 주문이 아닙니다. 변경되지 않았습니다. `payapi orders <주문번호>`로 확인하세요.",
  },
  "outcome-unknown": {
    en: "A call of this order is unknown, so the order is locked; nothing was changed. Look its oid up in the gateway's console (`payapi orders <order>`), then say with `payapi resolve` what became of it.",
    ko: "결과를 알 수 없는 요청이 있어 잠긴 주문입니다. 변경되지 않았습니다. `payapi orders <주문번호>`의 oid를 관리자 화면에서 확인한 뒤 `payapi resolve`로 정리하세요.",
  },
  changed: {
    en: "Something more was heard of this order, or --seen is wrong: look at it again with `payapi orders`.",
    ko: "이 주문에 새로운 내용이 있거나 --seen이 다릅니다. `payapi orders`로 다시 확인하세요.",
  },
};

const closedBefore: Text = {
  en: "This order was dealt with before, and nothing new was heard of it; nothing was changed. `payapi orders <order>` shows by whom.",
  ko: "이미 처리된 주문이며 새로운 내용이 없습니다. 변경되지 않았습니다. 처리한 사람은 `payapi orders <주문번호>`에 있습니다.",
};

/** The word that somebody dealt with an order that needs attention. */
export const close: Command = {
  name: "close",
  summary: {
    en: "say that you dealt with an order that needs attention",
    ko: "확인이 필요한 주문을 처리했음을 기록",
  },
  usage: ["close <orderId> --seen LINES --actor NAME --evidence TEXT"],
  arguments: 1,
  options: {
    seen: {
      type: "string",
      value: "LINES",
      help: {
        en: "how many lines of history you saw, as `payapi orders` says",
        ko: "확인한 이력의 줄 수(`payapi orders`에 표시)",
      },
    },
    ...wordOptions,
  },
  notes: {
    en: "First give back in the gateway's console what was taken too much. The order stays locked, and the books keep what moved; `review` lists it no more, until something new is heard of it.",
    ko: "먼저 관리자 화면에서 더 받은 금액을 환불하세요. 주문은 계속 잠겨 있고 장부도 그대로입니다. 새로운 내용이 없으면 `review`에 더는 나오지 않습니다.",
  },
  async run(call) {
    mustHave(call, ["<orderId>"], ["seen", "actor", "evidence"]);
    const orderId = argument(call, "<orderId>");
    const seenLines = requiredCount(call, "seen", 100_000);
    const word = wordOf(call);
    const closed = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
      ledger.closeAttention(orderId, { ...word, seenLines }),
    );
    if (closed.status === "refused") throw refused(closed);
    return {
      exitCode: exitCodes.ok,
      result: { order: orderResult(closed.order) },
      lines: [
        call.say({
          en: "Kept. It is listed no more until something new is heard of it, and stays locked.",
          ko: "기록되었습니다. 새로운 내용이 있을 때까지 목록에 나오지 않으며 주문은 계속 잠겨 있습니다.",
        }),
      ],
    };
  },
};

/** The ledger says of an order in any other state that it needs no attention; which state that is leads on. */
function refused({ reason, order }: Extract<ClosedAttention, { status: "refused" }>): Failure {
  const facts = { order: order === undefined ? null : orderResult(order) };
  if (reason === "needs-no-attention" && order?.status === "unknown") {
    return new Failure(exitCodes.failed, "outcome-unknown", refusals["outcome-unknown"], { facts });
  }
  const isClosed = reason === "needs-no-attention" && order?.status === "needs-attention";
  return new Failure(exitCodes.failed, reason, isClosed ? closedBefore : refusals[reason], { facts });
}
