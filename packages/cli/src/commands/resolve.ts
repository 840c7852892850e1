import { LedgerError, type ResolutionRefusal, type ResolutionResult } from "@payapi/ledger";
import { noSuchOrder } from "../advice.js";
import { type Command, form, type Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure, usage } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { callKinds, labels, orderStatuses } from "../messages.js";
import { flag, koreanMoment, oneOf, required, statement, text as textOption } from "../options.js";
import { fields } from "../output.js";
import { koreanTime, named, type Text, won } from "../text.js";
import { orderResult } from "./cancel.js";

const refusals: Readonly<Record<ResolutionRefusal, Text>> = {
  "no-such-order": noSuchOrder,
  "not-unknown": {
    en: "This order has no call with an unknown outcome; nothing was changed. `payapi orders <orderId>` shows its state.",
    ko: "이 주문에는 결과 확인 중인 요청이 없습니다. 변경되지 않았습니다. `payapi orders <주문번호>`로 확인하세요.",
  },
  "approval-first": {
    en: "The approval and its net cancel are both unknown: resolve the approval with --about approval.",
    ko: "승인과 망취소가 모두 결과 확인 중입니다. --about approval로 승인의 결과를 먼저 입력하세요.",
  },
  "too-early": {
    en: "The gateway may still process the call: `not-moved` is accepted for a check made at least 10 minutes after the call's deadline, `moved` for one made after the call.",
    ko: "결제사가 아직 처리할 수 있습니다. not-moved는 제한 시간이 지나고 10분 뒤에, moved는 요청이 만들어진 뒤에 관리자 화면을 확인해야 합니다.",
  },
  "tid-missing": {
    en: "An approval that moved money has a tid: give it with --tid, or the payment could never be cancelled.",
    ko: "승인된 결제에는 거래번호가 있습니다. --tid로 입력하세요. 없으면 취소할 수 없습니다.",
  },
  "paid-otherwise": {
    en: "The order was paid by another payment: find the deposit with `payapi notifications`, release it with `payapi notifications release`, then refund one of the two.",
    ko: "이미 다른 결제가 있는 주문입니다. `payapi notifications`에서 입금 알림을 찾아 `payapi notifications release`로 반영한 뒤 한쪽을 환불하세요.",
  },
  "nothing-to-correct": {
    en: "There is nothing to correct: the order has no resolution, or one that says the same; a reply, a notification or a cancel has confirmed it since; or the order needs review. Nothing was changed.",
    ko: "바로잡을 수 있는 처리 결과가 없습니다. 처리한 적이 없거나, 같은 내용이거나, 그 뒤의 응답·알림·취소로 확정되었거나, 확인이 필요한 주문입니다. 변경되지 않았습니다.",
  },
  "which-attempt": {
    en: "Several attempts of this order were resolved: name the one to correct with --oid, as `payapi orders <orderId>` shows it.",
    ko: "이 주문에는 처리한 결제 시도가 여러 개 있습니다. `payapi orders <주문번호>`에 보이는 결제사 주문번호를 --oid로 지정하세요.",
  },
  "tid-known": {
    en: "Another payment has this tid; check it again.",
    ko: "다른 결제가 사용 중인 거래번호입니다. 다시 확인하세요.",
  },
};

const needsClosing: Text = {
  en: "Nothing was changed: this order has no unknown call, it needs review. `payapi orders <orderId>` shows what to compare with the gateway's console; then use `payapi close`.",
  ko: "변경되지 않았습니다. 결과 확인 중인 요청은 없고 확인이 필요한 주문입니다. `payapi orders <주문번호>`와 관리자 화면을 비교해 처리한 뒤 `payapi close`로 기록하세요.",
};

const outdated: Text = {
  en: "The order's price changed meanwhile, so the deposit does not pay for it: refund it in the gateway's console or agree with the buyer, then `payapi close`.",
  ko: "주문 금액이 그 뒤에 바뀌어 이 입금으로는 결제되지 않습니다. 관리자 화면에서 환불하거나 구매자와 협의한 뒤 `payapi close`로 기록하세요.",
};

/** A mistyped one could be another payment's, which a refund would then give back. */
const tidAgain: Text = {
  en: "Copy the tid from the gateway's console again:",
  ko: "결제사 관리자 화면의 거래번호를 다시 복사해 입력하세요:",
};

/** Resolves an unknown call with an operator's evidence. */
export const resolve: Command = {
  name: "resolve",
  summary: {
    en: "resolve an unknown call with evidence from the gateway's console",
    ko: "결과 확인 중인 요청을 직접 확인한 결과로 처리",
  },
  notes: {
    en: "Only writes to the ledger; nothing is sent to the gateway. Asks for the tid twice; scripts add --confirm-tid. A known outcome cannot be changed; a resolution that nothing has confirmed can, with --correct.",
    ko: "원장에만 기록하며 결제사에는 아무것도 보내지 않습니다. 거래번호는 두 번 입력하며 스크립트에서는 --confirm-tid를 추가합니다. 이미 확정된 결과는 바꿀 수 없고, 아직 확정되지 않은 처리 결과는 --correct로 바로잡습니다.",
  },
  forms: [
    form({
      args: ["<orderId>"],
      options: {
        outcome: required(
          oneOf("moved|not-moved", ["moved", "not-moved"], {
            en: "whether the gateway processed the call",
            ko: "결제사가 요청을 처리했는지",
          }),
        ),
        about: oneOf("approval|cancel", ["approval", "cancel"], {
          en: "which call, where an approval and its net cancel are both unknown",
          ko: "승인과 망취소가 모두 결과 확인 중일 때, 어느 요청인지",
        }),
        tid: textOption("TID", {
          en: "the transaction in the console; needed for an approval that moved",
          ko: "관리자 화면의 거래번호(승인된 결제에 필요)",
        }),
        "confirm-tid": textOption("TID", {
          en: "the same tid again, copied anew, for scripts",
          ko: "같은 거래번호를 다시 복사한 값(스크립트용)",
        }),
        correct: flag({
          en: "correct an earlier resolution of this order",
          ko: "이 주문의 이전 처리 결과를 바로잡음",
        }),
        oid: textOption("OID", {
          en: "which attempt to correct, where several were resolved",
          ko: "처리한 결제 시도가 여러 개일 때, 바로잡을 결제사 주문번호",
        }),
        "seen-at": koreanMoment({
          en: 'when the console was checked, such as "2026-05-01 09:20" in Korea (default: now)',
          ko: '관리자 화면을 확인한 한국 시각, 예: "2026-05-01 09:20"(기본: 지금)',
        }),
        ...statement,
      },
      async run({ settings, value: orderId, options, enter }) {
        const { "seen-at": seenAt, "confirm-tid": again, correct, about, oid, tid, ...stated } = options;
        if (tid !== undefined && tid !== (again ?? (await enter(tidAgain, "--confirm-tid TID")))) {
          throw usage(
            "The two tids differ; nothing was changed. Copy the tid from the gateway's console both times.",
            "두 거래번호가 다릅니다. 변경되지 않았습니다. 결제사 관리자 화면에서 두 번 모두 복사하세요.",
          );
        }
        const resolution = {
          ...stated,
          ...(correct ? { corrects: true } : {}),
          ...(oid === undefined ? {} : { oid }),
          ...(about === undefined ? {} : { about }),
          ...(tid === undefined ? {} : { tid }),
          ...(seenAt === undefined ? {} : { seenAt }),
        };
        return withLedger(settings, async (ledger) => {
          // A call whose process died is "sending" until recovery ends it.
          await ledger.operations.recover().catch((error: unknown) => {
            // The journal often has the call that is to be resolved.
            if (!(error instanceof LedgerError && error.code === "not-replayed")) throw error;
          });
          return report(await ledger.payments.resolve(orderId, resolution));
        });
      },
    }),
  ],
};

function report(resolved: ResolutionResult): Report {
  if (resolved.status === "refused") throw refused(resolved);
  const { kind, order } = resolved;
  const needsReview = order.status === "needs-review";
  return {
    exitCode: needsReview ? exitCodes.review : exitCodes.ok,
    result: { kind, order: orderResult(order) },
    lines: [
      { en: "Resolved.", ko: "처리되었습니다." },
      fields([
        [labels.order, order.orderId],
        [labels.call, named(kind, callKinds)],
        [labels.state, named(order.status, orderStatuses)],
        [labels.remaining, won(order.remainingPrice)],
        ["tid", order.tid],
      ]),
      ...(needsReview ? [outdated, `payapi orders ${order.orderId}`] : []),
    ],
    problem: needsReview ? { code: "needs-review", text: outdated } : undefined,
  };
}

function refused({ reason, order, notBefore }: Extract<ResolutionResult, { status: "refused" }>): Failure {
  const isForClose = reason === "not-unknown" && order?.status === "needs-review";
  const text = isForClose ? needsClosing : refusals[reason];
  const when = notBefore && koreanTime(notBefore);
  return new Failure(
    exitCodes.failed,
    reason,
    when === undefined ? text : { en: `${text.en} That is at ${when} KST.`, ko: `${text.ko} (${when} KST)` },
    { facts: { notBefore, order: order && orderResult(order) } },
  );
}
