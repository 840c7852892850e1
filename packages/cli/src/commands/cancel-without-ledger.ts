import { type CancelRequest, isPayApiError } from "@payapi/core";
import type { Call, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, failureOf, usage } from "../failure.js";
import { fields } from "../output.js";
import { amount, mustHave, optional, required } from "../read-options.js";
import { finishing } from "../signals.js";
import { koreanTime, won } from "../words.js";

/** Cancels past the ledger: for payments that no ledger knows, and for emergencies. */
export async function cancelWithoutLedger(call: Call, part: CancelRequest["part"]): Promise<Report> {
  if (call.args.length > 0) {
    throw usage(
      "--without-ledger takes --tid, not an order id.",
      "--without-ledger에는 주문번호가 아니라 --tid가 필요합니다.",
    );
  }
  mustHave(call, [], ["tid", "pay-type"]);
  const tid = required(call, "tid");
  const payType = required(call, "pay-type");
  const price = amount(call, "price", 1);
  if ((price === undefined) === (part === undefined)) {
    throw usage(
      "Give either --price, to cancel all of it, or --amount and --remaining.",
      "전액 취소는 --price, 부분 취소는 --amount와 --remaining을 입력하세요.",
    );
  }
  const payapi = call.settings.payapi();
  call.warn({
    en: "Without the ledger: it will keep showing this payment as before, and its own cancels will be refused by the gateway. Nothing protects from cancelling twice.",
    ko: "원장을 거치지 않습니다. 원장에는 이 취소가 남지 않아 이후 취소가 거절될 수 있고, 중복 취소를 막아 주지 않습니다.",
  });
  await confirm(call, tid);
  const sent = await finishing(call, async (): Promise<Sent> => {
    if (part !== undefined) {
      const reply = await payapi.payments.cancelPartially({ tid, payType, ...part });
      return { ...reply, cancelPrice: part.cancelPrice };
    }
    const reply = await payapi.payments.cancel({ tid, payType, price: price ?? 0 });
    return { cancelledAt: reply.cancelledAt, cancelPrice: price ?? 0, remainingPrice: 0 };
  }).catch((error: unknown) => {
    throw explained(error);
  });
  const { cancelPrice, remainingPrice, cancelTid, cancelledAt } = sent;
  return {
    exitCode: exitCodes.ok,
    result: {
      tid,
      cancelPrice,
      remainingPrice: remainingPrice ?? null,
      cancelTid: cancelTid ?? null,
      cancelledAt: cancelledAt ?? null,
      recorded: false,
    },
    lines: [
      call.say({
        en: "Cancelled. Note it in the ledger's place.",
        ko: "취소되었습니다. 원장 대신 별도로 기록해 두세요.",
      }),
      ...fields([
        ["tid", tid],
        [call.say({ en: "cancelled", ko: "취소 금액" }), call.say(won(cancelPrice))],
        [
          call.say({ en: "remaining", ko: "남은 금액" }),
          remainingPrice === undefined ? undefined : call.say(won(remainingPrice)),
        ],
        [call.say({ en: "cancel's tid", ko: "취소 거래번호" }), cancelTid],
        [call.say({ en: "at", ko: "취소 시각" }), cancelledAt && `${koreanTime(cancelledAt)} KST`],
      ]),
    ],
  };
}

interface Sent {
  readonly cancelPrice: number;
  readonly remainingPrice?: number | undefined;
  readonly cancelTid?: string | undefined;
  readonly cancelledAt?: Date | undefined;
}

async function confirm(call: Call, tid: string): Promise<void> {
  const given = optional(call, "confirm");
  if (given === undefined && call.stdin.isTTY !== true) {
    throw usage(
      "Nobody is at a terminal to confirm it: give --confirm with the exact tid.",
      "확인을 입력할 터미널이 없습니다. --confirm에 거래번호를 정확히 입력하세요.",
    );
  }
  const typed =
    given ??
    (await call.ask({ en: "Type the tid to cancel it: ", ko: "취소하려면 거래번호를 입력하세요: " }));
  if (typed !== tid) {
    throw usage(
      "The confirmation is not the tid; nothing was sent.",
      "확인한 거래번호가 다릅니다. 전송되지 않았습니다.",
    );
  }
}

function explained(error: unknown): Failure {
  const failure = failureOf(error);
  if (!isPayApiError(error) || failure.exitCode !== exitCodes.attention) return failure;
  return new Failure(
    failure.exitCode,
    failure.code,
    {
      en: `${failure.text.en} Look the tid up in the gateway's console before anything else is tried.`,
      ko: `${failure.text.ko} 다른 시도를 하기 전에 결제사 관리자 화면에서 거래번호를 확인하세요.`,
    },
    { facts: failure.facts },
  );
}
