import { type BillingKey, createPayments, type KeyFacts } from "@payapi/core";
import type { Ledger } from "@payapi/ledger";
import { notReached } from "../advice.js";
import type { Call, Report } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { withLedger } from "../ledger-settings.js";
import { keyKinds, keyStates, labels } from "../messages.js";
import { type Block, fields } from "../output.js";
import { finishing } from "../signals.js";
import { named, type Text } from "../text.js";
import { saidBy } from "./cancel.js";

/** Asks the gateway once more to delete a stopped key. The key stays stopped for every outcome. */
export async function deleteKey(call: Pick<Call, "settings" | "value" | "warn">): Promise<Report> {
  const payapi = call.settings.payapi();
  const work = async (ledger: Ledger) => {
    const payments = createPayments({ payapi, ledger });
    const result = await finishing(call, () => payments.retryKeyDeletion(call.value));
    if (result.status === "not-reserved") throw refused(result.reason);
    return report(result.outcome, result.status === "settled" ? result.key : undefined);
  };
  return withLedger(call.settings, work, payapi);
}

function refused(reason: "no-such-key" | "in-progress" | "already-deleted"): Failure {
  switch (reason) {
    case "no-such-key":
      return noSuchOrphan();
    case "in-progress":
      return new Failure(exitCodes.failed, reason, {
        en: "Another process is deleting this key; nothing was sent. Look at `payapi keys` again in two minutes.",
        ko: "다른 프로세스가 이 빌키를 삭제하는 중입니다. 전송되지 않았습니다. 2분 뒤 `payapi keys`를 다시 확인하세요.",
      });
    case "already-deleted":
      return new Failure(exitCodes.failed, reason, {
        en: "This key was already deleted or closed; nothing was sent.",
        ko: "이미 삭제되었거나 처리 완료된 빌키입니다. 전송되지 않았습니다.",
      });
  }
}

export function noSuchOrphan(): Failure {
  return new Failure(exitCodes.failed, "no-such-orphan", {
    en: "No listed billing key has this call id: it was closed, is in use, or is being deleted right now; nothing was changed. `payapi keys` lists them.",
    ko: "이 요청 id의 미사용 빌키가 없습니다. 이미 처리되었거나 사용 중이거나 지금 삭제하는 중입니다. 변경되지 않았습니다(`payapi keys`).",
  });
}

const sentAndUnknown: readonly [ExitCode, Text] = [
  exitCodes.review,
  {
    en: "It was sent, and it is unknown whether the key is deleted. It stays listed, and you can try again.",
    ko: "전송되었지만 삭제되었는지 알 수 없습니다. 목록에 남아 있으며 다시 시도할 수 있습니다.",
  },
];

const endings: Readonly<Record<KeyFacts["outcome"], readonly [exitCode: ExitCode, text: Text]>> = {
  succeeded: [exitCodes.ok, { en: "Deleted.", ko: "삭제되었습니다." }],
  refused: [
    exitCodes.failed,
    {
      en: "The gateway refused to delete it; it stays listed. If it says that there is no such key, use `payapi keys close`.",
      ko: "결제사가 삭제를 거절했습니다. 목록에 남아 있습니다. 그런 빌키가 없다는 내용이면 `payapi keys close`로 기록하세요.",
    },
  ],
  "not-sent": [exitCodes.unreachable, notReached],
  unknown: sentAndUnknown,
  moved: sentAndUnknown,
};

const notRecorded: Text = {
  en: "It was sent, but its outcome could not be recorded: the key stays listed. Keep this output; if the gateway deleted it, use `payapi keys close`.",
  ko: "전송되었지만 결과를 기록하지 못해 목록에 남아 있습니다. 이 출력을 보관하고, 결제사가 삭제했다면 `payapi keys close`로 기록하세요.",
};

function report(outcome: KeyFacts, key: BillingKey | undefined): Report {
  const { resultCode, resultMessage } = outcome;
  const [exitCode, text] =
    key === undefined ? ([exitCodes.review, notRecorded] as const) : endings[outcome.outcome];
  const code = key === undefined ? "not-recorded" : `deletion-${outcome.outcome}`;
  return {
    exitCode,
    result: { outcome: outcome.outcome, resultCode, resultMessage, key: key && keyResult(key) },
    lines: [text, key && keyFields(key), fields([[labels.gatewaySays, saidBy(outcome)]])],
    problem: exitCode === exitCodes.ok ? undefined : { code, text },
  };
}

/** A key in the text output, without the key itself. */
export function keyFields({ id, customerId, kind, state }: BillingKey): Block {
  return fields([
    [{ en: "key's id", ko: "빌키 id" }, id],
    [labels.customerId, customerId],
    [labels.kind, named(kind, keyKinds)],
    [labels.state, named(state, keyStates)],
  ]);
}

/** A key in JSON output. */
export function keyResult({ id, customerId, kind, state }: BillingKey): Readonly<Record<string, unknown>> {
  return { id, customerId, kind, state };
}
