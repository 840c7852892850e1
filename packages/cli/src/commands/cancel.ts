import { userInfo } from "node:os";
import {
  type CallOutcome,
  type CallResult,
  type CancelRequest,
  createPayments,
  type OrderPayment,
  type RefusedReason,
  type ReservedCancel,
} from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { notMarked, notReached, outcomeUnknown } from "../advice.js";
import { type Call, type Command, form, type Report } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { labels, orderStatuses, outcomes } from "../messages.js";
import { count, flag, text as textOption } from "../options.js";
import { fields } from "../output.js";
import { finishing } from "../signals.js";
import { coded, named, type Text, won } from "../text.js";

/** Cancels a payment through the ledger. */
export const cancel: Command = {
  name: "cancel",
  summary: { en: "cancel a payment, fully or in part", ko: "결제 취소(전체 또는 부분)" },
  notes: {
    en: "Asks first; scripts add --yes. Sent once and never repeated. --amount and --remaining go together. Exit code 3 means that it is unknown whether the money went back; see `payapi review`.",
    ko: "먼저 확인을 요청하며 스크립트에서는 --yes를 추가합니다. 한 번만 전송하며 반복하지 않습니다. --amount와 --remaining은 함께 입력합니다. 종료 코드 3은 환불 여부를 알 수 없다는 뜻입니다(`payapi review`).",
  },
  forms: [
    form({
      args: ["<orderId>"],
      options: {
        amount: count("WON", {}, { en: "cancel this much only", ko: "이 금액만 취소" }),
        remaining: count(
          "WON",
          { least: 0 },
          {
            en: "what remains after it, so that a repeat cannot cancel twice",
            ko: "취소 후 남는 금액(중복 취소 방지)",
          },
        ),
        yes: flag({ en: "do not ask, for scripts", ko: "묻지 않고 실행(스크립트용)" }),
        actor: textOption("NAME", {
          en: "who asks for it, for the timeline (default: your user name)",
          ko: "요청자(이력에 기록, 기본: 사용자 이름)",
        }),
      },
      async run(call) {
        const { amount: cancelPrice, remaining: confirmPrice, actor = defaultActor() } = call.options;
        const request = { orderId: call.value, actor };
        if (cancelPrice === undefined && confirmPrice === undefined) return cancelOrder(call, request);
        if (cancelPrice === undefined || confirmPrice === undefined) {
          throw usage(
            "--amount and --remaining go together.",
            "--amount와 --remaining은 함께 입력해야 합니다.",
          );
        }
        return cancelOrder(call, { ...request, part: { cancelPrice, confirmPrice } });
      },
    }),
  ],
};

interface CancelCall extends Pick<Call, "settings" | "warn" | "confirm"> {
  readonly options: { readonly yes: boolean | undefined };
}

async function cancelOrder(call: CancelCall, request: CancelRequest): Promise<Report> {
  const payapi = call.settings.payapi();
  if (call.options.yes !== true && !(await call.confirm(questionOf(request)))) {
    throw new Failure(exitCodes.failed, "not-confirmed", {
      en: "Not confirmed; nothing was done.",
      ko: "확인하지 않아 아무것도 실행되지 않았습니다.",
    });
  }
  const work = async (ledger: Ledger) => {
    const result = await finishing(call, () => createPayments({ payapi, ledger }).cancel(request));
    if (result.status === "not-reserved") throw refused(result.reason, result.order);
    return report(result);
  };
  return withLedger(call.settings, work, payapi);
}

function questionOf({ orderId, part }: CancelRequest): Text {
  if (part === undefined) {
    return {
      en: `Refund all that remains of ${orderId} to the buyer?`,
      ko: `${orderId} 주문의 남은 금액을 모두 환불할까요?`,
    };
  }
  const amount = won(part.cancelPrice);
  return {
    en: `Refund ${amount.en} of ${orderId} to the buyer?`,
    ko: `${orderId} 주문에서 ${amount.ko}을 환불할까요?`,
  };
}

/** Messages for a cancel that the ledger refused. Nothing was sent. */
const cancelRefusals: Readonly<Record<RefusedReason, Text>> = {
  "in-progress": {
    en: "Another call for this order is running. Wait for it, then look again.",
    ko: "이 주문은 지금 처리 중입니다. 끝난 뒤 다시 확인하세요.",
  },
  "already-paid": { en: "The order is already paid.", ko: "이미 결제된 주문입니다." },
  "already-cancelled": { en: "This payment is already fully cancelled.", ko: "이미 전체 취소된 결제입니다." },
  "outcome-unknown": outcomeUnknown,
  "needs-review": {
    en: "The gateway and the ledger disagree, so the order is locked. Compare `payapi orders <orderId>` with the gateway's console.",
    ko: "결제사와 원장의 내용이 달라 주문이 잠겨 있습니다. `payapi orders <주문번호>`와 결제사 관리자 화면을 비교하세요.",
  },
  "not-paid": { en: "There is no payment to cancel.", ko: "취소할 결제가 없습니다." },
  "remaining-differs": {
    en: "--amount and --remaining don't add up to the amount that remains of the payment now.",
    ko: "--amount와 --remaining의 합이 현재 남은 금액과 다릅니다.",
  },
  "not-partly-cancellable": {
    en: "This card allows no partial cancel. Cancel the payment in full.",
    ko: "이 카드는 부분 취소를 할 수 없습니다. 전체 취소하세요.",
  },
  "tid-used": {
    en: "Another payment has this transaction id.",
    ko: "다른 결제가 사용 중인 거래번호입니다.",
  },
};

function refused(reason: RefusedReason, order: OrderPayment | undefined): Failure {
  const needsReview = reason === "outcome-unknown" || reason === "needs-review";
  const text = cancelRefusals[reason];
  const left = reason === "remaining-differs" && order !== undefined ? won(order.remainingPrice) : undefined;
  return new Failure(
    needsReview ? exitCodes.review : exitCodes.failed,
    reason,
    left === undefined
      ? text
      : { en: `${text.en} It is ${left.en}.`, ko: `${text.ko} 현재 남은 금액은 ${left.ko}입니다.` },
    { facts: { order: order && orderResult(order) } },
  );
}

type CancelStatus = NonNullable<OrderPayment["cancel"]>["status"];

const endings: Readonly<Record<CancelStatus, readonly [exitCode: ExitCode, text: Text]>> = {
  done: [exitCodes.ok, { en: "Cancelled.", ko: "취소되었습니다." }],
  refused: [
    exitCodes.failed,
    {
      en: "The gateway refused the cancel. If it says that the payment is already cancelled, compare it with the gateway's console before you pay it back by other means.",
      ko: "결제사가 취소를 거절했습니다. 이미 취소되었다는 내용이면, 다른 방법으로 환불하기 전에 관리자 화면에서 확인하세요.",
    },
  ],
  "not-sent": [exitCodes.unreachable, notReached],
  unknown: [
    exitCodes.review,
    {
      en: "It was sent, and it is unknown whether the money went back. The payment is locked. Don't cancel it in the console too before you know.",
      ko: "전송되었지만 환불 여부를 알 수 없습니다. 결제가 잠겼습니다. 확인 전에는 관리자 화면에서도 취소하지 마세요.",
    },
  ],
  "needs-review": [
    exitCodes.review,
    {
      en: "The gateway cancelled otherwise than requested, or the payment was cancelled before, outside the ledger. It is locked; compare it with the gateway's console.",
      ko: "결제사가 요청과 다르게 취소했거나, 원장 밖에서 이미 취소된 결제입니다. 결제가 잠겼으니 관리자 화면과 비교하세요.",
    },
  ],
  "in-progress": [exitCodes.review, { en: "The cancel is still running.", ko: "취소가 아직 진행 중입니다." }],
};

function report(result: CallResult<ReservedCancel>): Report {
  const { outcome } = result;
  const { cancelPrice } = result.call;
  const { resultCode, resultMessage } = outcome;
  const facts = { cancelPrice, resultCode, resultMessage };
  if (result.status === "not-recorded") return notRecorded(outcome, facts);
  const { order } = result;
  const status = order.cancel?.status ?? "unknown";
  const isStopped = status === "not-sent" && outcome.code === "before-send-failed";
  const [exitCode, text] = isStopped ? ([exitCodes.unreachable, notMarked] as const) : endings[status];
  return {
    exitCode,
    result: { ...facts, order: orderResult(order) },
    lines: [
      text,
      fields([
        [labels.order, order.orderId],
        [labels.state, named(order.status, orderStatuses)],
        [{ en: "cancel of", ko: "취소 요청" }, won(cancelPrice)],
        [labels.remaining, won(order.remainingPrice)],
        [labels.gatewaySays, saidBy(outcome)],
      ]),
    ],
    problem: exitCode === exitCodes.ok ? undefined : { code: `cancel-${status}`, text },
  };
}

/** Shows the gateway's answer, which could not be written to the database after the call. */
function notRecorded(outcome: CallOutcome, facts: Readonly<Record<string, unknown>>): Report {
  const { tid, cancelTid } = outcome;
  const text =
    outcome.outcome === "not-sent"
      ? {
          en: "Nothing was sent, but that could not be recorded; the payment stays locked until the ledger recovers the call.",
          ko: "전송되지 않았지만 이를 기록하지 못했습니다. 원장이 요청을 복구할 때까지 결제가 잠겨 있습니다.",
        }
      : {
          en: "It was sent, but its outcome could not be recorded; the payment stays locked. Keep this output and use it with `payapi resolve`.",
          ko: "전송되었지만 결과를 기록하지 못했습니다. 결제는 잠겨 있습니다. 이 출력을 보관했다가 `payapi resolve`에 사용하세요.",
        };
  return {
    exitCode: exitCodes.review,
    result: { ...facts, outcome: outcome.outcome, tid, cancelTid, order: null },
    lines: [
      text,
      fields([
        [{ en: "outcome", ko: "결과" }, coded(outcome.outcome, outcomes)],
        ["tid", tid],
        [{ en: "cancel's tid", ko: "취소 거래번호" }, cancelTid],
        [labels.gatewaySays, saidBy(outcome)],
      ]),
    ],
    problem: { code: "not-recorded", text },
  };
}

/** The gateway's answer, unchanged. */
export function saidBy({
  resultCode = "",
  resultMessage = "",
}: {
  readonly resultCode?: string | undefined;
  readonly resultMessage?: string | undefined;
}): string {
  return `${resultCode} ${resultMessage}`.trim();
}

/** An order in JSON output. */
export function orderResult(order: OrderPayment): Readonly<Record<string, unknown>> {
  const { orderId, status, price, remainingPrice, tid, cancel: newest } = order;
  return { orderId, status, price, remainingPrice, tid, cancel: newest };
}

function defaultActor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without an account, as in containers.
    return "cli";
  }
}
