import { isPayApiError, type PayApiError } from "@payapi/core";
import { LedgerError, LedgerUnavailableError } from "@payapi/ledger";
import { databaseChanged } from "./advice.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { failureCodes, ledgerErrors } from "./messages.js";
import { coded, inLanguage, type Phrase, type Text } from "./text.js";

/** A part of a failure, by the name of an option, a variable or a field. It never contains the value. */
export interface Detail {
  readonly name: string;
  readonly message: Phrase;
}

/** Ends a command with an exit code and a message for people. */
export class Failure extends Error {
  readonly details: readonly Detail[];
  /** For programs, beside the code. */
  readonly facts: Readonly<Record<string, unknown>>;

  /** @param code for programs; stable */
  constructor(
    readonly exitCode: ExitCode,
    readonly code: string,
    readonly text: Text,
    more: { readonly details?: readonly Detail[]; readonly facts?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(text.en);
    this.details = more.details ?? [];
    this.facts = more.facts ?? {};
  }
}

/** A wrong command line. */
export function usage(en: string, ko: string): Failure {
  return new Failure(exitCodes.usage, "usage", { en, ko });
}

/** Converts an error to a failure; it contains no data of rows, keys or requests. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isPayApiError(error)) return gatewayFailure(error);
  if (error instanceof LedgerError) return ledgerFailure(error);
  const name = error instanceof Error ? error.name : typeof error;
  return new Failure(exitCodes.failed, "unexpected", {
    en: `The command failed unexpectedly (${name}).`,
    ko: `예상하지 못한 오류로 중단되었습니다(${name}).`,
  });
}

function gatewayFailure(error: PayApiError): Failure {
  const { code, outcome, resultCode, resultMessage, httpStatus, tid, price } = error;
  if (code === "invalid-input") {
    const details = (error.problems ?? []).map(({ field, message, ko = message }) => ({
      name: field,
      message: { en: message, ko },
    }));
    const text = {
      en: "The input is wrong; nothing was sent.",
      ko: "입력값이 올바르지 않습니다. 전송되지 않았습니다.",
    };
    return new Failure(exitCodes.usage, code, text, { details });
  }
  const all = { outcome, resultCode, resultMessage, httpStatus, tid, price };
  const facts = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const ko = `${inLanguage(coded(code, failureCodes), "ko")}: ${error.message}`;
  return new Failure(callExits[outcome], code, { en: error.message, ko }, { facts });
}

const callExits: Readonly<Record<PayApiError["outcome"], ExitCode>> = {
  "not-sent": exitCodes.unreachable,
  refused: exitCodes.failed,
  unknown: exitCodes.review,
  moved: exitCodes.review,
};

/** Messages for failures of the ledger, instead of its own ones. */
const ledgerTexts: Partial<Readonly<Record<LedgerError["code"], readonly [exitCode: ExitCode, text: Text]>>> =
  {
    "database-changed": [exitCodes.failed, databaseChanged],
    "other-environment": [
      exitCodes.configuration,
      {
        en: "These tables hold this mid's payments of another environment; nothing was read or written. Correct PAYAPI_ENVIRONMENT, or give each environment its own DATABASE_URL or LEDGER_SCHEMA.",
        ko: "이 테이블에는 같은 상점 ID의 다른 환경 결제가 있어 읽거나 쓰지 않았습니다. PAYAPI_ENVIRONMENT를 고치거나, 환경마다 DATABASE_URL 또는 LEDGER_SCHEMA를 따로 사용하세요.",
      },
    ],
    "not-replayed": [
      exitCodes.review,
      {
        en: "Everything else was done, but the journal holds entries that the database does not accept: see `payapi journal`.",
        ko: "나머지는 모두 처리했지만 데이터베이스에 기록하지 못한 저널 항목이 남아 있습니다(`payapi journal`).",
      },
    ],
    "no-secrets": [
      exitCodes.configuration,
      {
        en: "LEDGER_SECRET is missing: billing keys are encrypted with the shop's own. Nothing was done.",
        ko: "LEDGER_SECRET 설정이 없습니다. 빌키는 상점의 값으로 암호화되어 있습니다. 실행되지 않았습니다.",
      },
    ],
    "unreadable-key": [
      exitCodes.configuration,
      {
        en: "The stored billing key was encrypted with another secret, or was changed; nothing was sent. Put the former secret into LEDGER_PREVIOUS_SECRETS; `payapi doctor` says more.",
        ko: "저장된 빌키가 다른 값으로 암호화되었거나 변경되었습니다. 전송되지 않았습니다. 이전 값을 LEDGER_PREVIOUS_SECRETS에 넣으세요(`payapi doctor` 참고).",
      },
    ],
    "masked-tid": [
      exitCodes.usage,
      {
        en: "The tid is kept masked, since its digits might be a card number; nothing was changed. Give --tid TID as the gateway's console shows it.",
        ko: "거래번호가 카드번호일 수 있어 가려져 있습니다. 변경되지 않았습니다. 관리자 화면의 거래번호를 --tid로 지정하세요.",
      },
    ],
  };

function ledgerFailure(error: LedgerError): Failure {
  const { code, message } = error;
  if (error instanceof LedgerUnavailableError) {
    return new Failure(exitCodes.unreachable, "database-unavailable", {
      en: `${message}. Check DATABASE_URL, the network, and the role's rights; \`payapi doctor\` says more.`,
      ko: "데이터베이스를 사용할 수 없습니다. DATABASE_URL, 네트워크, 권한을 확인하세요(`payapi doctor`).",
    });
  }
  if (code === "not-migrated") {
    return new Failure(exitCodes.configuration, code, {
      en: `${message} (\`payapi migrate\` does it).`,
      ko: "원장 테이블이 없거나 버전이 다릅니다. `payapi migrate`를 실행하거나 패키지를 업데이트하세요.",
    });
  }
  const ko = `${inLanguage(coded(code, ledgerErrors), "ko")}: ${message}`;
  const exits: Partial<Record<LedgerError["code"], ExitCode>> = {
    "unsafe-database": exitCodes.configuration,
    "invalid-argument": exitCodes.usage,
  };
  const [exitCode, text] = ledgerTexts[code] ?? [exits[code] ?? exitCodes.failed, { en: message, ko }];
  return new Failure(exitCode, code, text);
}
