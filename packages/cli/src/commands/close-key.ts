import type { BillingKey } from "@payapi/core";
import type { ClosedOrphanKey } from "@payapi/ledger";
import type { Call, Report } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { fields } from "../output.js";
import { mustHave } from "../read-options.js";
import { keyKinds, keyStates, koreanTime, named } from "../words.js";
import { afterVerb, wordOf } from "./verbs.js";

/** The word that the gateway has no key of an unknown issue or an unconfirmed deletion (any more). */
export async function closeKey(call: Call): Promise<Report> {
  mustHave(call, ["close", "<callId>"], ["actor", "evidence"]);
  const callId = afterVerb(call, "<callId>");
  const word = wordOf(call);
  const closed = await call.settings.withLedger(call.settings.merchant(), (ledger) =>
    ledger.closeOrphanKey(callId, word),
  );
  if (closed.status === "refused") throw refused(closed);
  return {
    exitCode: exitCodes.ok,
    result: { key: keyResult(closed.key) },
    lines: [
      call.say({ en: "Kept: it is listed no more.", ko: "기록되었습니다. 더는 목록에 나오지 않습니다." }),
      ...keyFields(call, closed.key),
    ],
  };
}

function refused(closed: Extract<ClosedOrphanKey, { status: "refused" }>): Failure {
  if (closed.reason === "no-such-orphan") return noSuchOrphan();
  const when = koreanTime(closed.notBefore);
  return new Failure(
    exitCodes.failed,
    closed.reason,
    {
      en: `The gateway may still make the key, so that nobody can have seen that there is none; nothing was changed. Look again, and close it, from ${when} KST on.`,
      ko: `결제사가 아직 빌키를 만들 수 있어 없다고 확인할 수 없습니다. 변경되지 않았습니다. ${when} KST부터 다시 확인하고 기록하세요.`,
    },
    { facts: { notBefore: closed.notBefore } },
  );
}

/** Whatever the word was about, it is no orphan. */
export function noSuchOrphan(): Failure {
  return new Failure(exitCodes.failed, "no-such-orphan", {
    en: "No orphaned billing key goes by this call: it was closed before, is in use, or is being deleted at this moment; nothing was changed. `payapi keys` lists them.",
    ko: "이 요청 id의 미사용 빌키가 없습니다. 이미 정리되었거나 사용 중이거나 지금 삭제하는 중입니다. 변경되지 않았습니다(`payapi keys`).",
  });
}

/** A key as people see it: never the key itself. */
export function keyFields(call: Call, { id, owner, kind, state }: BillingKey): string[] {
  return fields([
    [call.say({ en: "key's id", ko: "빌키 id" }), id],
    [call.say({ en: "owner", ko: "소유자" }), owner],
    [call.say({ en: "kind", ko: "종류" }), named(kind, keyKinds[kind], call.language)],
    [call.say({ en: "state", ko: "상태" }), named(state, keyStates[state], call.language)],
  ]);
}

/** A key as programs see it. */
export function keyResult({ id, owner, kind, state }: BillingKey): Readonly<Record<string, unknown>> {
  return { id, owner, kind, state };
}
