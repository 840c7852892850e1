import {
  LedgerError,
  type OperatorFinding,
  type OperatorSettlement,
  type SettlementRefusal,
} from "@payapi/ledger";
import type { Call, Command, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { fields } from "../output.js";
import { argument, koreanMoment, mustHave, optional, required } from "../read-options.js";
import { callKinds, koreanTime, named, orderStatuses, type Text, won } from "../words.js";
import { orderResult } from "./cancel.js";
import { wordOf, wordOptions } from "./verbs.js";

const refusals: Readonly<Record<SettlementRefusal, Text>> = {
  "no-such-order": { en: "No payment of this order was ever tried.", ko: "이 주문의 결제 시도가 없습니다." },
  "not-unknown": {
    en: "This order has no call whose outcome is unknown; nothing was changed. `payapi orders <order>` shows what is known of it.",
    ko: "이 주문에는 결과를 알 수 없는 요청이 없습니다. 변경되지 않았습니다. `payapi orders <주문번호>`로 확인하세요.",
  },
  "approval-first": {
    en: "The approval and its network cancel are both unknown: say with --about approval what became of the approval.",
    ko: "승인과 그 망취소의 결과를 모두 알 수 없습니다. --about approval로 승인이 어떻게 되었는지 먼저 입력하세요.",
  },
  "too-early": {
    en: "The gateway may still carry the call out: what was seen in the console ten minutes after its deadline, and no sooner, proves that nothing moved; that it moved, what was seen after it was made.",
    ko: "결제사가 아직 처리할 수 있습니다. 제한 시간이 지나고 10분 뒤에 관리자 화면을 보아야 not-moved로, 요청이 만들어진 뒤에 보아야 moved로 정리할 수 있습니다.",
  },
  "tid-missing": {
    en: "An approval that moved money has a tid: give it with --tid, or the payment could never be cancelled.",
    ko: "승인된 결제에는 거래번호가 있습니다. --tid로 입력하세요. 없으면 취소할 수 없습니다.",
  },
  "paid-otherwise": {
    en: "The order is paid otherwise: find the deposit with `payapi notifications`, release it with `payapi notifications release`, then refund one of the two.",
    ko: "이미 다른 결제가 있는 주문입니다. `payapi notifications`에서 입금 통보를 찾아 `payapi notifications release`로 확정한 뒤 한쪽을 환불하세요.",
  },
  "tid-known": {
    en: "Another payment has this tid; look at it again.",
    ko: "다른 결제가 사용 중인 거래번호입니다. 다시 확인하세요.",
  },
};

const needsClosing: Text = {
  en: "Nothing was changed: no call of this order is unknown, it needs attention. `payapi orders <order>` shows what to compare with the gateway's console; `payapi close` then says that you dealt with it.",
  ko: "변경되지 않았습니다. 결과를 알 수 없는 요청은 없고 확인이 필요한 주문입니다. `payapi orders <주문번호>`와 관리자 화면을 비교해 처리한 뒤 `payapi close`로 기록하세요.",
};

const outdated: Text = {
  en: "The order asks for another amount by now, so that the deposit pays nothing: refund it in the gateway's console or come to terms with the buyer, then `payapi close`.",
  ko: "주문 금액이 그 뒤에 바뀌어 입금으로 결제되지 않습니다. 관리자 화면에서 환불하거나 구매자와 정한 뒤 `payapi close`로 기록하세요.",
};

/** Ends an unknown call with what an operator found out. */
export const resolve: Command = {
  name: "resolve",
  summary: { en: "end an unknown call with what you found out", ko: "확인한 결과로 미확인 요청 정리" },
  usage: [
    "resolve <orderId> --outcome moved|not-moved [--about approval|cancel] [--tid TID] [--seen-at TIME] --actor NAME --evidence TEXT",
  ],
  arguments: 1,
  options: {
    outcome: {
      type: "string",
      value: "moved|not-moved",
      help: { en: "whether the gateway did what the call asked for", ko: "결제사가 요청을 처리했는지" },
    },
    about: {
      type: "string",
      value: "approval|cancel",
      help: {
        en: "which call it is about, where an approval and its network cancel are unknown",
        ko: "승인과 망취소를 모두 알 수 없을 때, 어느 요청에 대한 것인지",
      },
    },
    tid: {
      type: "string",
      value: "TID",
      help: {
        en: "the transaction in the console; needed for an approval that moved",
        ko: "관리자 화면의 거래번호(승인된 결제에 필요)",
      },
    },
    "seen-at": {
      type: "string",
      value: "TIME",
      help: {
        en: 'when the console was looked at, such as "2026-05-01 09:20" in Korea; now unless said',
        ko: '관리자 화면을 본 한국 시각, 예: "2026-05-01 09:20"(기본: 지금)',
      },
    },
    ...wordOptions,
  },
  notes: {
    en: "It writes into the ledger only; nothing is sent to the gateway. It is no way to correct a known outcome.",
    ko: "원장에만 기록하며 결제사에는 아무것도 보내지 않습니다. 이미 확인된 결과는 바꿀 수 없습니다.",
  },
  async run(call) {
    mustHave(call, ["<orderId>"], ["outcome", "actor", "evidence"]);
    const orderId = argument(call, "<orderId>");
    const finding = readFinding(call);
    return call.settings.withLedger(call.settings.merchant(), async (ledger) => {
      // A call whose process died is still "sending" until somebody says otherwise.
      await ledger.recover().catch((error: unknown) => {
        // What the journal keeps is often the very call that is to be settled.
        if (!(error instanceof LedgerError && error.code === "not-replayed")) throw error;
      });
      return report(call, await ledger.settleByOperator(orderId, finding));
    });
  },
};

function report(call: Call, settlement: OperatorSettlement): Report {
  if (settlement.status === "refused") throw refused(settlement);
  const { kind, order } = settlement;
  const needsMore = order.status === "needs-attention";
  return {
    exitCode: needsMore ? exitCodes.attention : exitCodes.ok,
    result: { kind, order: orderResult(order) },
    lines: [
      call.say({ en: "Settled.", ko: "정리되었습니다." }),
      ...fields([
        [call.say({ en: "order", ko: "주문번호" }), order.orderId],
        [call.say({ en: "call", ko: "요청" }), named(kind, callKinds[kind], call.language)],
        [
          call.say({ en: "state", ko: "상태" }),
          named(order.status, orderStatuses[order.status], call.language),
        ],
        [call.say({ en: "remaining", ko: "남은 금액" }), call.say(won(order.remainingPrice))],
        ["tid", order.tid],
      ]),
      ...(needsMore ? [call.say(outdated), `payapi orders ${order.orderId}`] : []),
    ],
    ...(needsMore ? { problem: { code: "needs-attention", text: outdated } } : {}),
  };
}

function refused({ reason, order, notBefore }: Extract<OperatorSettlement, { status: "refused" }>): Failure {
  const isForClose = reason === "not-unknown" && order?.status === "needs-attention";
  const text = isForClose ? needsClosing : refusals[reason];
  const when = notBefore && koreanTime(notBefore);
  return new Failure(
    exitCodes.failed,
    reason,
    when === undefined ? text : { en: `${text.en} That is at ${when} KST.`, ko: `${text.ko} (${when} KST)` },
    { facts: { notBefore: notBefore ?? null, order: order === undefined ? null : orderResult(order) } },
  );
}

function readFinding(call: Call): OperatorFinding {
  const outcome = required(call, "outcome");
  if (outcome !== "moved" && outcome !== "not-moved") {
    throw usage(
      '--outcome must be "moved" or "not-moved".',
      '--outcome은 "moved" 또는 "not-moved"여야 합니다.',
    );
  }
  const tid = optional(call, "tid");
  const seenAt = koreanMoment(call, "seen-at");
  const about = optional(call, "about");
  if (about !== undefined && about !== "approval" && about !== "cancel") {
    throw usage(
      '--about must be "approval" or "cancel".',
      '--about은 "approval" 또는 "cancel"이어야 합니다.',
    );
  }
  return {
    outcome,
    ...(about === undefined ? {} : { about }),
    ...wordOf(call),
    ...(tid === undefined ? {} : { tid }),
    ...(seenAt === undefined ? {} : { seenAt }),
  };
}
