import { isPayApiError, maskCardNumbers, type PayApiError } from "@payapi/core";
import { LedgerError, LedgerUnavailableError } from "@payapi/ledger";
import { coded, failureWords, ledgerErrorWords } from "./code-words.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import type { Text } from "./words.js";

/** Something of a failure, by name: an option, a variable, a field. Never its value. */
export interface Detail {
  readonly name: string;
  readonly message: string;
}

/** Ends a command with an exit code and words for people. */
export class Failure extends Error {
  readonly exitCode: ExitCode;
  /** For programs; stable. */
  readonly code: string;
  readonly text: Text;
  readonly details: readonly Detail[];
  /** What a program may want to know beside the code. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    exitCode: ExitCode,
    code: string,
    text: Text,
    more: { readonly details?: readonly Detail[]; readonly facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(text.en);
    this.exitCode = exitCode;
    this.code = code;
    this.text = text;
    this.details = more.details ?? [];
    this.facts = more.facts ?? {};
  }
}

/** A wrong command line. */
export function usage(en: string, ko: string): Failure {
  return new Failure(exitCodes.usage, "usage", { en, ko });
}

/** A command line that lacks something: all of it at once, with the lines that show where each belongs. */
export function missingUsage(names: readonly string[], usages: readonly string[]): Failure {
  const fitting = usages.filter((line) => names.every((name) => line.includes(name)));
  const list = names.join(", ");
  const text = {
    en: `${list} ${names.length === 1 ? "is" : "are"} missing.`,
    ko: `${list} 값이 필요합니다.`,
  };
  const details = (fitting.length > 0 ? fitting : usages).map((line) => ({
    name: "usage",
    message: `payapi ${line}`,
  }));
  return new Failure(exitCodes.usage, "usage", text, { details });
}

/** Why no call is sent, and what leads on. */
export const databaseChanged: Text = {
  en: "The ledger's database was restored, or another server took over, and nobody accepted it yet. Nothing was sent, and nothing is until somebody does: `payapi database` says how.",
  ko: "원장 데이터베이스가 복원되었거나 다른 서버로 바뀌었고 아직 승인되지 않았습니다. 전송되지 않았으며 승인 전에는 아무것도 전송되지 않습니다(`payapi database` 참고).",
};

/** What a failed call may have done. A read that failed leaves nothing to settle. */
export type CallEffect = "reads" | "changes";

/** Any error as a failure with words for people; nothing of a row, a key or a request is in it. */
export function failureOf(error: unknown, effect: CallEffect = "changes"): Failure {
  if (error instanceof Failure) return error;
  if (isPayApiError(error)) return gatewayFailure(error, effect);
  if (error instanceof LedgerError) return ledgerFailure(error);
  const name = error instanceof Error ? error.name : typeof error;
  return new Failure(exitCodes.failed, "unexpected", {
    en: `The command failed unexpectedly (${name}).`,
    ko: `예상하지 못한 오류로 중단되었습니다 (${name}).`,
  });
}

function gatewayFailure(error: PayApiError, effect: CallEffect): Failure {
  const { code, outcome, resultCode, resultMessage, httpStatus, tid, price, problems } = error;
  const facts = Object.fromEntries(
    Object.entries({ outcome, resultCode, resultMessage, httpStatus, tid, price }).filter(
      ([, value]) => value !== undefined,
    ),
  );
  if (code === "invalid-input") {
    const details = (problems ?? []).map(({ field, message }) => ({ name: field, message }));
    const text = {
      en: "The input is wrong; nothing was sent.",
      ko: "입력값이 올바르지 않습니다. 전송되지 않았습니다.",
    };
    return new Failure(exitCodes.usage, code, text, { details });
  }
  const said = resultMessage === undefined ? "" : `: ${maskCardNumbers(resultMessage)}`;
  const because = `${coded(code, failureWords, "ko")}: ${error.message}`;
  switch (outcome) {
    case "not-sent":
      return new Failure(
        exitCodes.unreachable,
        code,
        { en: error.message, ko: `전송되지 않았습니다. ${because}` },
        { facts },
      );
    case "refused":
      return new Failure(
        exitCodes.failed,
        code,
        {
          en: `The gateway refused it (${resultCode}${said}).`,
          ko: `결제사가 거절했습니다 (${resultCode}${said}).`,
        },
        { facts },
      );
    case "unknown":
    case "moved":
      if (effect === "reads") {
        const why = {
          en: `The gateway gave no usable answer: ${error.message}`,
          ko: `결제사가 올바르게 응답하지 않았습니다. ${because}`,
        };
        return new Failure(exitCodes.failed, code, why, { facts });
      }
      return new Failure(
        exitCodes.attention,
        code,
        {
          en: `It was sent, and nobody knows what came of it: ${error.message}`,
          ko: `전송되었지만 결과를 알 수 없습니다. ${because}`,
        },
        { facts },
      );
  }
}

function ledgerFailure(error: LedgerError): Failure {
  if (error instanceof LedgerUnavailableError) {
    return new Failure(exitCodes.unreachable, "database-unavailable", {
      en: `${error.message}. Check DATABASE_URL, the network, and the role's rights; \`payapi doctor\` says more.`,
      ko: `데이터베이스를 사용할 수 없습니다. DATABASE_URL, 네트워크, 권한을 확인하세요 (\`payapi doctor\`).`,
    });
  }
  switch (error.code) {
    case "not-migrated":
      return new Failure(exitCodes.configuration, error.code, {
        en: `${error.message} (\`payapi migrate\` does it).`,
        ko: "원장 테이블이 없거나 버전이 다릅니다. `payapi migrate`를 실행하거나 패키지를 업데이트하세요.",
      });
    case "unsafe-database":
      return new Failure(exitCodes.configuration, error.code, {
        en: error.message,
        ko: `이 데이터베이스에는 결제를 기록할 수 없습니다: ${error.message}`,
      });
    case "database-changed":
      return new Failure(exitCodes.failed, error.code, databaseChanged);
    case "not-replayed":
      return new Failure(exitCodes.attention, error.code, {
        en: "Everything else was done, but the journal keeps what the database could not be told: `payapi journal` lists it.",
        ko: "나머지는 모두 처리했지만 저널에 데이터베이스에 기록하지 못한 요청이 남아 있습니다(`payapi journal`).",
      });
    case "no-secrets":
      return new Failure(exitCodes.configuration, error.code, {
        en: "LEDGER_SECRET is missing: billing keys are encrypted under the shop's own. Nothing was done.",
        ko: "LEDGER_SECRET 설정이 없습니다. 빌키는 쇼핑몰과 같은 값으로 암호화되어 있습니다. 실행되지 않았습니다.",
      });
    case "unreadable-key":
      return new Failure(exitCodes.configuration, error.code, {
        en: "The stored billing key is encrypted under another secret, or was changed; nothing was sent. Give the secret before this one in LEDGER_PREVIOUS_SECRETS; `payapi doctor` says more.",
        ko: "저장된 빌키가 다른 값으로 암호화되었거나 변경되었습니다. 전송되지 않았습니다. 이전 값을 LEDGER_PREVIOUS_SECRETS에 넣으세요(`payapi doctor` 참고).",
      });
    case "masked-tid":
      return new Failure(exitCodes.usage, error.code, {
        en: "Its transaction is kept masked, since its digits might be a card's; nothing was changed. Give --tid TID as the gateway's console shows it.",
        ko: "거래번호가 카드번호일 수 있어 가려져 있습니다. 변경되지 않았습니다. 관리자 화면의 거래번호를 --tid로 지정하세요.",
      });
    case "invalid-argument":
      return new Failure(exitCodes.usage, error.code, {
        en: error.message,
        ko: `입력값이 올바르지 않습니다: ${error.message}`,
      });
    default:
      return new Failure(exitCodes.failed, error.code, {
        en: error.message,
        ko: `${coded(error.code, ledgerErrorWords, "ko")}: ${error.message}`,
      });
  }
}
