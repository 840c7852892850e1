import {
  type KeySecret,
  type Ledger,
  LedgerError,
  type LedgerMerchant,
  LedgerUnavailableError,
  openLedger,
} from "@payapi/ledger";
import { databaseChanged } from "../advice.js";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { secretProblems, secretsOption, tablesOptions } from "../ledger-settings.js";
import { ledgerErrors } from "../messages.js";
import { type Settings, variables } from "../settings.js";
import { recentSetupFaults } from "../setup-faults.js";
import { coded, inLanguage, type Text } from "../text.js";
import { type CheckResult, fail, ok, warn } from "./check-result.js";

/**
 * The ledger's own checks: it rejects tables of another version and servers that may lose committed data, and sends nothing while the
 * database is not accepted.
 */
export async function checkLedger(settings: Settings, database: string): Promise<CheckResult[]> {
  const check = "ledger-tables";
  const schema = settings.get("schema") ?? "payapi";
  try {
    const known = merchantOf(settings);
    // The tables can be checked without a merchant.
    const merchant = known ?? ({ mid: "doctor", environment: "sandbox" } as const);
    const secrets = secretProblems(settings).length === 0 ? secretsOption(settings) : {};
    const ledger = await openLedger({ payapi: merchant, database, ...tablesOptions(settings), ...secrets });
    try {
      const text = {
        en: `The ledger's tables are ready in schema ${schema}.`,
        ko: `스키마 ${schema}의 원장 테이블이 준비되었습니다.`,
      };
      const ofMerchant =
        known === undefined
          ? []
          : [...(await checkStoredKeys(settings, ledger)), ...(await setupFaults(ledger))];
      return [ok(check, text), await acceptance(ledger), ...ofMerchant];
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const advice =
      error.code === "not-migrated"
        ? {
            en: "Run `payapi migrate` with a role that may change tables.",
            ko: "테이블 변경 권한이 있는 역할로 `payapi migrate`를 실행하세요.",
          }
        : { en: "Correct it before you start the shop.", ko: "상점을 시작하기 전에 해결하세요." };
    const exitCode =
      error instanceof LedgerUnavailableError ? exitCodes.unreachable : exitCodes.configuration;
    const ko = `${inLanguage(coded(error.code, ledgerErrors), "ko")}: ${error.message}`;
    return [fail(check, exitCode, { en: `${error.message}.`, ko }, advice)];
  }
}

/** `undefined` if its settings are missing or wrong, which is reported with the configuration. */
function merchantOf(settings: Settings): LedgerMerchant | undefined {
  try {
    return settings.merchant();
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

async function acceptance(ledger: Ledger): Promise<CheckResult> {
  const check = "ledger-accepted";
  const { accepted } = await ledger.operations.database();
  if (!accepted) {
    return fail(check, exitCodes.failed, databaseChanged, {
      en: "See `payapi database`.",
      ko: "`payapi database`를 실행하세요.",
    });
  }
  const text = {
    en: "It is the database that was accepted last.",
    ko: "마지막으로 승인된 데이터베이스입니다.",
  };
  return ok(check, text);
}

/** Whether the gateway refused calls of the last day for the shop's set-up. */
async function setupFaults(ledger: Ledger): Promise<CheckResult[]> {
  const faults = await recentSetupFaults(ledger);
  if (faults.length === 0) return [];
  const codes = [...new Set(faults.map(({ resultCode = "?" }) => resultCode))].join(", ");
  const text = {
    en: `In the last day the gateway refused the shop's set-up for ${faults.length} orders (${codes}).`,
    ko: `최근 하루 동안 상점 설정 문제로 결제사가 거절한 주문이 ${faults.length}건 있습니다(${codes}).`,
  };
  const advice = {
    en: "If sign-key and field-key above are well now, it was corrected. See `payapi timeline <orderId>`.",
    ko: "위의 sign-key와 field-key가 정상이면 이미 해결된 것입니다. `payapi timeline <주문번호>`를 확인하세요.",
  };
  return [warn("recent-setup-faults", text, advice)];
}

/** Checks whether the configured secrets decrypt the stored billing keys. */
async function checkStoredKeys(settings: Settings, ledger: Ledger): Promise<CheckResult[]> {
  const check = "ledger-keys";
  // A secret in the wrong form is reported with the configuration.
  if (secretProblems(settings).length > 0) return [];
  const secrets = await ledger.keys.secrets();
  const all = sum(secrets);
  const missing = secrets.filter(({ role }) => role === "missing");
  if (missing.length > 0) return [unreadable(settings, missing, all)];
  if (all === 0) return [ok(check, { en: "No billing key is stored.", ko: "저장된 빌키가 없습니다." })];
  const still = stillUnder(secrets.filter(({ role }) => role === "previous"));
  const text = {
    en: `All stored billing keys can be read: ${all}${still.en}.`,
    ko: `저장된 빌키 ${all}건을 모두 읽을 수 있습니다${still.ko}.`,
  };
  return [ok(check, text)];
}

/** The reason why a previous secret is still needed. */
function stillUnder(previous: readonly KeySecret[]): Text {
  if (previous.length === 0) return { en: "", ko: "" };
  return {
    en: `, ${sum(previous)} of them with a secret in ${variables.previousSecrets}, until rotateSecrets() has run`,
    ko: `(그중 ${sum(previous)}건은 rotateSecrets() 전까지 ${variables.previousSecrets} 값이 필요함)`,
  };
}

/** A missing secret is a warning, since this machine may not need one; a wrong secret is a failure. */
function unreadable(settings: Settings, missing: readonly KeySecret[], all: number): CheckResult {
  const check = "ledger-keys";
  // A secret's fingerprint is a hash that is also stored with each key.
  const en = missing.map(({ fingerprint, keys }) => `${keys} under secret ${fingerprint}`).join(", ");
  const ko = missing.map(({ fingerprint, keys }) => `${keys}건(암호화 키 ${fingerprint})`).join(", ");
  const text = {
    en: `${sum(missing)} of ${all} stored billing keys cannot be read: ${en}.`,
    ko: `저장된 빌키 ${all}건 중 ${sum(missing)}건을 읽을 수 없습니다: ${ko}`,
  };
  if (settings.get("secret") === undefined) {
    return warn(check, text, {
      en: `${variables.secret} is not set. A machine that charges or deletes keys, such as the worker's, needs the shop's own.`,
      ko: `${variables.secret} 설정이 없습니다. 빌키로 결제하거나 빌키를 삭제하는 컴퓨터(worker 등)에는 상점과 같은 값이 필요합니다.`,
    });
  }
  return fail(check, exitCodes.configuration, text, {
    en: `${variables.secret} is not the one these keys were encrypted with. If the secret was changed, add the former one to ${variables.previousSecrets} (and to the shop's secrets.previous), then run rotateSecrets(). If it was mistyped, use the shop's own. Never make a new one instead: the keys would be lost.`,
    ko: `${variables.secret} 값이 이 빌키를 암호화한 값과 다릅니다. 값을 바꾸었다면 이전 값을 ${variables.previousSecrets}(상점은 secrets.previous)에 추가하고 rotateSecrets()를 실행하세요. 잘못 입력했다면 상점의 값을 넣으세요. 새로 만들면 빌키를 잃게 됩니다.`,
  });
}

function sum(secrets: readonly KeySecret[]): number {
  return secrets.reduce((all, { keys }) => all + keys, 0);
}
