import type { ClosedReview } from "@payapi/ledger";
import { noSuchOrder, outcomeUnknown } from "../advice.js";
import { type Command, form } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { count, required, statement } from "../options.js";
import type { Text } from "../text.js";
import { orderResult } from "./cancel.js";

type Refused = Extract<ClosedReview, { status: "refused" }>;

const refusals: Readonly<Record<Refused["reason"], Text>> = {
  "no-such-order": noSuchOrder,
  "needs-no-review": {
    en: "This order does not need review; nothing was changed. `payapi orders <orderId>` shows its state.",
    ko: "확인이 필요한 주문이 아닙니다. 변경되지 않았습니다. `payapi orders <주문번호>`로 확인하세요.",
  },
  "outcome-unknown": outcomeUnknown,
  changed: {
    en: "The order's timeline has new entries, or --seen is wrong: look at it again with `payapi orders`.",
    ko: "이 주문에 새로운 내용이 있거나 --seen이 다릅니다. `payapi orders`로 다시 확인하세요.",
  },
};

const closedBefore: Text = {
  en: "This order was already closed, and nothing new was reported since; nothing was changed. `payapi orders <orderId>` shows who closed it.",
  ko: "이미 처리 완료된 주문이며 새로운 내용이 없습니다. 변경되지 않았습니다. 처리한 사람은 `payapi orders <주문번호>`에 있습니다.",
};

/** Closes the review of an order. */
export const close: Command = {
  name: "close",
  summary: { en: "close an order that needed review", ko: "확인이 필요한 주문을 처리 완료로 기록" },
  notes: {
    en: "First refund in the gateway's console what was charged too much. The order stays locked and the books stay as they are; `review` lists it again only if something new is reported.",
    ko: "먼저 관리자 화면에서 더 받은 금액을 환불하세요. 주문은 계속 잠겨 있고 장부도 그대로입니다. 새로운 내용이 없으면 `review`에 더는 나오지 않습니다.",
  },
  forms: [
    form({
      args: ["<orderId>"],
      options: {
        seen: required(
          count(
            "ENTRIES",
            { most: 100_000 },
            {
              en: "how many entries of the timeline you saw, as `payapi orders` says",
              ko: "확인한 이력의 줄 수(`payapi orders`에 표시)",
            },
          ),
        ),
        ...statement,
      },
      async run({ settings, value: orderId, options: { seen: seenEntries, ...stated } }) {
        const closed = await withLedger(settings, (ledger) =>
          ledger.payments.closeReview(orderId, { ...stated, seenEntries }),
        );
        if (closed.status === "refused") throw refused(closed);
        return {
          exitCode: exitCodes.ok,
          result: { order: orderResult(closed.order) },
          lines: [
            {
              en: "Closed. The order stays locked, and is listed again only if something new is reported.",
              ko: "처리 완료로 기록되었습니다. 주문은 계속 잠겨 있으며, 새로운 내용이 있을 때만 다시 목록에 나옵니다.",
            },
          ],
        };
      },
    }),
  ],
};

/** The ledger reports only that the order needs no review; the next step depends on the order's state. */
function refused({ reason, order }: Refused): Failure {
  const facts = { order: order && orderResult(order) };
  const status = reason === "needs-no-review" ? order?.status : undefined;
  if (status === "unknown") {
    return new Failure(exitCodes.failed, "outcome-unknown", refusals["outcome-unknown"], { facts });
  }
  const text = status === "needs-review" ? closedBefore : refusals[reason];
  return new Failure(exitCodes.failed, reason, text, { facts });
}
