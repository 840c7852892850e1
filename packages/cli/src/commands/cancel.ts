import { userInfo } from "node:os";
import {
  type CallOutcome,
  type CancelRequest,
  makeRecordedCancel,
  type OrderPayment,
  type RecordedCall,
} from "@payapi/core";
import { coded, outcomeWords } from "../code-words.js";
import type { Call, Command, Report } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { fields } from "../output.js";
import { amount, argument, optional } from "../read-options.js";
import { finishing } from "../signals.js";
import { named, orderStatuses, refusals, type Text, won } from "../words.js";

/** Gives money back, through the ledger. */
export const cancel: Command = {
  name: "cancel",
  summary: { en: "cancel a payment, all of it or a part", ko: "결제 취소(전액 또는 일부)" },
  usage: ["cancel <orderId> [--amount WON --remaining WON] [--actor NAME]"],
  arguments: 1,
  options: {
    amount: { type: "string", value: "WON", help: { en: "cancel this much only", ko: "이 금액만 취소" } },
    remaining: {
      type: "string",
      value: "WON",
      help: {
        en: "what remains after it, so that a repeat cannot cancel twice",
        ko: "취소 후 남는 금액(중복 취소 방지)",
      },
    },
    actor: {
      type: "string",
      value: "NAME",
      help: { en: "who asks for it, for the timeline", ko: "요청자(이력에 기록)" },
    },
  },
  notes: {
    en: "It is sent once and never repeated. Exit code 3 means: nobody knows whether the money went back; see `payapi review`.",
    ko: "한 번만 전송되며 반복하지 않습니다. 종료 코드 3은 환불 여부를 알 수 없다는 뜻입니다(`payapi review`).",
  },
  async run(call) {
    const part = readPart(call);
    const orderId = argument(call, "<orderId>");
    const request = { orderId, actor: optional(call, "actor") ?? defaultActor(), ...(part && { part }) };
    return cancelThroughLedger(call, request);
  },
};

async function cancelThroughLedger(call: Call, request: CancelRequest): Promise<Report> {
  const payapi = call.settings.payapi();
  return call.settings.withLedger(payapi, async (ledger) => {
    const reservation = await ledger.reserveCancel(request);
    if (reservation.status === "refused") throw refused(reservation.reason, reservation.order);
    const made = await finishing(call, () => makeRecordedCancel(payapi, ledger, reservation.call));
    return report(call, made, reservation.call.cancelPrice);
  });
}

function refused(reason: keyof typeof refusals, order: OrderPayment | undefined): Failure {
  const uncertain = reason === "outcome-unknown" || reason === "needs-attention";
  const text = refusals[reason];
  const left = reason === "remaining-differs" && order !== undefined ? won(order.remainingPrice) : undefined;
  return new Failure(
    uncertain ? exitCodes.attention : exitCodes.failed,
    reason,
    left === undefined
      ? text
      : { en: `${text.en} It is ${left.en}.`, ko: `${text.ko} 현재 남은 금액은 ${left.ko}입니다.` },
    { facts: { order: order && orderResult(order) } },
  );
}

type CancelStatus = NonNullable<OrderPayment["cancel"]>["status"];

const endings: Readonly<Record<CancelStatus, { exitCode: ExitCode; text: Text }>> = {
  done: { exitCode: exitCodes.ok, text: { en: "Cancelled.", ko: "취소되었습니다." } },
  refused: {
    exitCode: exitCodes.failed,
    text: {
      en: "The gateway refused the cancel. If it says that the payment is cancelled already, compare it with the gateway's console before you pay it back otherwise.",
      ko: "결제사가 취소를 거절했습니다. 이미 취소되었다는 내용이면, 다른 방법으로 환불하기 전에 관리자 화면에서 확인하세요.",
    },
  },
  "not-sent": {
    exitCode: exitCodes.unreachable,
    text: {
      en: "The gateway was not reached; nothing was sent. It may be tried again.",
      ko: "결제사에 연결하지 못해 전송되지 않았습니다. 다시 시도할 수 있습니다.",
    },
  },
  unknown: {
    exitCode: exitCodes.attention,
    text: {
      en: "It was sent, and nobody knows whether the money went back. The payment is locked. Don't cancel it in the console too before you know.",
      ko: "전송되었지만 환불 여부를 알 수 없습니다. 결제가 잠겼습니다. 확인 전에는 관리자 화면에서도 취소하지 마세요.",
    },
  },
  "needs-attention": {
    exitCode: exitCodes.attention,
    text: {
      en: "The gateway cancelled otherwise than asked, or the payment was cancelled before and not through the ledger. It is locked; compare it with the gateway's console.",
      ko: "결제사가 요청과 다르게 취소했거나, 원장을 거치지 않고 이미 취소된 결제입니다. 결제가 잠겼으니 관리자 화면과 비교하세요.",
    },
  },
  "in-progress": {
    exitCode: exitCodes.attention,
    text: { en: "The cancel is still running.", ko: "취소가 아직 진행 중입니다." },
  },
};

function report(call: Call, { order, outcome }: RecordedCall, cancelPrice: number): Report {
  const { resultCode, resultMessage } = outcome;
  const facts = { cancelPrice, resultCode: resultCode ?? null, resultMessage: resultMessage ?? null };
  if (order === undefined) return notRecorded(call, outcome, facts);
  const { exitCode, text } = endings[order.cancel?.status ?? "unknown"];
  return {
    exitCode,
    result: { ...facts, order: orderResult(order) },
    lines: [
      call.say(text),
      ...fields([
        [call.say({ en: "order", ko: "주문번호" }), order.orderId],
        [
          call.say({ en: "state", ko: "상태" }),
          named(order.status, orderStatuses[order.status], call.language),
        ],
        [call.say({ en: "cancel of", ko: "취소 요청" }), call.say(won(cancelPrice))],
        [call.say({ en: "remaining", ko: "남은 금액" }), call.say(won(order.remainingPrice))],
        [call.say({ en: "gateway says", ko: "결제사 응답" }), saidBy(outcome)],
      ]),
    ],
    ...(exitCode === exitCodes.ok
      ? {}
      : { problem: { code: `cancel-${order.cancel?.status ?? "unknown"}`, text } }),
  };
}

/** The one trace of what the gateway said: the database went away between the call and its record. */
function notRecorded(call: Call, outcome: CallOutcome, facts: Readonly<Record<string, unknown>>): Report {
  const unsent = {
    en: "Nothing was sent, but that could not be recorded; the payment stays locked until the ledger recovers the call.",
    ko: "전송되지 않았지만 이를 기록하지 못했습니다. 원장이 요청을 복구할 때까지 결제가 잠겨 있습니다.",
  };
  const sent = {
    en: "It was sent, but what came of it could not be recorded; the payment stays locked. Keep this output and settle the cancel with it.",
    ko: "전송되었지만 결과를 기록하지 못했습니다. 결제는 잠겨 있습니다. 이 출력을 보관했다가 `payapi resolve`에 사용하세요.",
  };
  const text = outcome.outcome === "not-sent" ? unsent : sent;
  const { tid, cancelTid } = outcome;
  return {
    exitCode: exitCodes.attention,
    result: {
      ...facts,
      outcome: outcome.outcome,
      tid: tid ?? null,
      cancelTid: cancelTid ?? null,
      order: null,
    },
    lines: [
      call.say(text),
      ...fields([
        [call.say({ en: "outcome", ko: "결과" }), coded(outcome.outcome, outcomeWords, call.language)],
        ["tid", tid],
        [call.say({ en: "cancel's tid", ko: "취소 거래번호" }), cancelTid],
        [call.say({ en: "gateway says", ko: "결제사 응답" }), saidBy(outcome)],
      ]),
    ],
    problem: { code: "not-recorded", text },
  };
}

function saidBy({ resultCode, resultMessage }: CallOutcome): string | undefined {
  return resultCode && `${resultCode} ${resultMessage ?? ""}`.trim();
}

/** An order as programs see it. */
export function orderResult(order: OrderPayment): Readonly<Record<string, unknown>> {
  const { orderId, status, price, remainingPrice, tid, cancel: newest } = order;
  return { orderId, status, price, remainingPrice, tid: tid ?? null, cancel: newest ?? null };
}

function readPart(call: Call): CancelRequest["part"] {
  const [cancelPrice, confirmPrice] = [amount(call, "amount", 1), amount(call, "remaining", 0)];
  if (cancelPrice === undefined && confirmPrice === undefined) return undefined;
  if (cancelPrice === undefined || confirmPrice === undefined) {
    throw usage("--amount and --remaining go together.", "--amount와 --remaining은 함께 입력해야 합니다.");
  }
  return { cancelPrice, confirmPrice };
}

function defaultActor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without an account, as in containers.
    return "cli";
  }
}
