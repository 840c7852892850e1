import { type BillingKey, createPayments, type KeyFacts } from "@payapi/core";
import type { Call, Report } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { fields } from "../output.js";
import { mustHave } from "../read-options.js";
import { finishing } from "../signals.js";
import type { Text } from "../words.js";
import { keyFields, keyResult, noSuchOrphan } from "./close-key.js";
import { afterVerb } from "./verbs.js";

/** Asks the gateway once more to delete a stopped key; the key stays stopped, whatever comes of it. */
export function deleteKey(call: Call): Promise<Report> {
  mustHave(call, ["delete", "<callId>"], []);
  const callId = afterVerb(call, "<callId>");
  const payapi = call.settings.payapi();
  return call.settings.withLedger(payapi, async (ledger) => {
    const payments = createPayments({ payapi, ledger });
    const result = await finishing(call, () => payments.retryKeyDeletion(callId));
    if (result.status === "not-reserved") throw refused(result.reason);
    return report(call, result.outcome, result.status === "settled" ? result.key : undefined);
  });
}

function refused(reason: "no-such-key" | "in-progress" | "already-deleted"): Failure {
  switch (reason) {
    case "no-such-key":
      return noSuchOrphan();
    case "in-progress":
      return new Failure(exitCodes.failed, reason, {
        en: "Another process is about to delete this key; nothing was sent. Look at `payapi keys` again in two minutes.",
        ko: "다른 프로세스가 이 빌키를 삭제하는 중입니다. 전송되지 않았습니다. 2분 뒤 `payapi keys`를 다시 확인하세요.",
      });
    case "already-deleted":
      return new Failure(exitCodes.failed, reason, {
        en: "The gateway has deleted this key already, or somebody closed it; nothing was sent.",
        ko: "이미 삭제되었거나 정리된 빌키입니다. 전송되지 않았습니다.",
      });
  }
}

const endings: Readonly<Record<KeyFacts["outcome"], { readonly exitCode: ExitCode; readonly text: Text }>> = {
  succeeded: { exitCode: exitCodes.ok, text: { en: "Deleted.", ko: "삭제되었습니다." } },
  refused: {
    exitCode: exitCodes.failed,
    text: {
      en: "The gateway refused to delete it; it stays listed. If it says that there is no such key, close it with `payapi keys close`.",
      ko: "결제사가 삭제를 거절했습니다. 목록에 남아 있습니다. 그런 빌키가 없다는 내용이면 `payapi keys close`로 기록하세요.",
    },
  },
  "not-sent": {
    exitCode: exitCodes.unreachable,
    text: {
      en: "The gateway was not reached; nothing was sent. It may be tried again.",
      ko: "결제사에 연결하지 못해 전송되지 않았습니다. 다시 시도할 수 있습니다.",
    },
  },
  unknown: sentAndNotKnown(),
  moved: sentAndNotKnown(),
};

function sentAndNotKnown() {
  return {
    exitCode: exitCodes.attention,
    text: {
      en: "It was sent, and nobody knows whether the key is deleted. It stays listed, and may be tried again.",
      ko: "전송되었지만 삭제되었는지 알 수 없습니다. 목록에 남아 있으며 다시 시도할 수 있습니다.",
    },
  };
}

const notRecorded: Text = {
  en: "It was sent, but what came of it could not be recorded: the key stays listed. Keep this output; if the gateway deleted it, close it with `payapi keys close`.",
  ko: "전송되었지만 결과를 기록하지 못해 목록에 남아 있습니다. 이 출력을 보관하고, 결제사가 삭제했다면 `payapi keys close`로 기록하세요.",
};

function report(call: Call, outcome: KeyFacts, key: BillingKey | undefined): Report {
  const { resultCode, resultMessage } = outcome;
  const ending =
    key === undefined ? { exitCode: exitCodes.attention, text: notRecorded } : endings[outcome.outcome];
  const { exitCode, text } = ending;
  const said = [resultCode, resultMessage].filter((each) => each !== undefined).join(" ");
  return {
    exitCode,
    result: {
      outcome: outcome.outcome,
      resultCode: resultCode ?? null,
      resultMessage: resultMessage ?? null,
      key: key === undefined ? null : keyResult(key),
    },
    lines: [
      call.say(text),
      ...(key === undefined ? [] : keyFields(call, key)),
      ...fields([[call.say({ en: "gateway says", ko: "결제사 응답" }), said === "" ? undefined : said]]),
    ],
    ...(exitCode === exitCodes.ok
      ? {}
      : { problem: { code: key === undefined ? "not-recorded" : `deletion-${outcome.outcome}`, text } }),
  };
}
