import { statSync } from "node:fs";
import { decryptField, encryptField } from "@payapi/core/crypto";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { journalState, secretsOption, tablesOptions } from "../ledger-settings.js";
import { type Settings, variables } from "../settings.js";
import { inLanguage, type Text } from "../text.js";
import { type CheckResult, fail, ok, warn } from "./check-result.js";

const { configuration } = exitCodes;

/** Every variable that is wrong, at once. */
export function checkConfiguration(settings: Settings): CheckResult[] {
  const check = "configuration";
  const advice = {
    en: "Correct it in the environment or the --env-file.",
    ko: "환경 변수나 --env-file에 올바른 값을 넣으세요.",
  };
  const client = orFailures(check, advice, () => {
    const { environment, mid, origin } = settings.payapi();
    const text = { en: `${mid} in ${environment}, at ${origin}.`, ko: `${mid}, ${environment}, ${origin}` };
    return [ok(check, text)];
  });
  const tables = orFailures(check, advice, () => {
    tablesOptions(settings);
    return [];
  });
  if (settings.get("database") !== undefined) return [...client, ...tables];
  const missing = warn(
    check,
    { en: `${variables.database} is missing.`, ko: `${variables.database} 설정이 없습니다.` },
    {
      en: "Every command of the ledger needs its PostgreSQL: review, resolve, cancel, worker, migrate and more.",
      ko: "review, resolve, cancel, worker, migrate 등 원장 명령에는 PostgreSQL이 필요합니다.",
    },
  );
  return [...client, ...tables, missing];
}

/** Whether the secret of billing keys can be used. Whether it is the right one, the database shows. */
export function checkSecret(settings: Settings): CheckResult[] {
  const check = "ledger-secret";
  const advice = {
    en: "Use the shop's own, character for character. A new one could read no stored key.",
    ko: "상점과 같은 값을 그대로 사용하세요. 새로 만들면 저장된 빌키를 읽을 수 없습니다.",
  };
  return orFailures(check, advice, () => {
    const { secrets } = secretsOption(settings);
    if (secrets === undefined) {
      const text = {
        en: `${variables.secret} is not set: right for a shop that keeps no billing keys.`,
        ko: `${variables.secret} 설정이 없습니다. 빌키를 보관하지 않는 상점은 필요하지 않습니다.`,
      };
      return [ok(check, text)];
    }
    const count = secrets.previous?.length ?? 0;
    const previous =
      count === 0 ? { en: "", ko: "" } : { en: `, with ${count} before it`, ko: `(이전 값 ${count}개 포함)` };
    const text = {
      en: `${variables.secret} can be used${previous.en}.`,
      ko: `${variables.secret}을(를) 사용할 수 있습니다${previous.ko}.`,
    };
    return [ok(check, text)];
  });
}

/** Whether the shop's journal is on this machine. */
export function checkJournal(settings: Settings): CheckResult[] {
  const check = "ledger-journal";
  const advice = {
    en: "Name the folder of the shop's openLedger({ journal }), and run this as the shop's user.",
    ko: "상점의 openLedger({ journal }) 폴더를 지정하고 상점과 같은 사용자로 실행하세요.",
  };
  return orFailures(check, advice, () => {
    switch (journalState(settings)) {
      case "there":
        return [
          ok(check, {
            en: "The journal's folder exists and is writable.",
            ko: "저널 폴더에 쓸 수 있습니다.",
          }),
        ];
      case "not-there": {
        const text = {
          en: `${variables.journal} names a folder that does not exist.`,
          ko: `${variables.journal} 폴더가 없습니다.`,
        };
        return [
          warn(check, text, {
            en: "The shop creates it when it starts, and `payapi worker` refuses to run without it. It belongs on a disk that outlives the shop.",
            ko: "상점이 시작할 때 만들며, 없으면 `payapi worker`가 실행되지 않습니다. 프로세스가 끝나도 남는 디스크여야 합니다.",
          }),
        ];
      }
      case "not-set": {
        const text = { en: `${variables.journal} is not set.`, ko: `${variables.journal} 설정이 없습니다.` };
        return [
          warn(check, text, {
            en: "Name the folder of the shop's openLedger({ journal }). Without it, an approval that arrives while the database is away becomes an unknown outcome.",
            ko: "상점의 openLedger({ journal }) 폴더를 지정하세요. 없으면 데이터베이스 장애 중의 승인은 결과 확인 중이 됩니다.",
          }),
        ];
      }
    }
  });
}

function orFailures(check: string, advice: Text, work: () => CheckResult[]): CheckResult[] {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.details.map(({ name, message }) =>
      fail(
        check,
        configuration,
        { en: `${name} ${inLanguage(message, "en")}.`, ko: `${name}: ${inLanguage(message, "ko")}` },
        advice,
      ),
    );
  }
}

/** A file with secrets that others on the machine may read. */
export function checkEnvFile(path: string | undefined): CheckResult[] {
  if (path === undefined || process.platform === "win32") return [];
  if ((statSync(path).mode & 0o077) === 0) return [];
  const text = {
    en: "Others on this machine may read the --env-file.",
    ko: "--env-file을 다른 사용자가 읽을 수 있습니다.",
  };
  const advice = { en: "chmod 600 it: it holds the keys.", ko: "키가 들어 있으니 chmod 600으로 바꾸세요." };
  return [warn("env-file", text, advice)];
}

// From the gateway's guide: an integrator's published key, and the result of the guide's own example.
const knownAnswer = {
  keys: { key: "1".repeat(32), iv: "1".repeat(16) },
  plain: "test",
  encrypted: "oijMQxRyQIcHc1qJ+Um2DA==",
};

/** Whether fields are encrypted as the gateway does it, and whether the given keys can be used. */
export function checkKeys(settings: Settings): CheckResult[] {
  const works = encryptField(knownAnswer.plain, knownAnswer.keys) === knownAnswer.encrypted;
  const cipher = works
    ? ok("cipher", {
        en: "Fields are encrypted as in the gateway's guide.",
        ko: "암호화 결과가 결제사 안내서의 예와 같습니다.",
      })
    : fail(
        "cipher",
        exitCodes.failed,
        {
          en: "Encryption differs from the example in the gateway's guide.",
          ko: "암호화 결과가 결제사 안내서의 예와 다릅니다.",
        },
        {
          en: "This Node.js lacks AES-256-CBC; use an unmodified one.",
          ko: "AES-256-CBC를 지원하는 Node.js를 사용하세요.",
        },
      );
  const [key, iv] = [settings.get("fieldKey"), settings.get("fieldIv")];
  // Missing keys are reported with the configuration.
  return key === undefined || iv === undefined ? [cipher] : [cipher, fieldKeysResult({ key, iv })];
}

function fieldKeysResult(keys: { readonly key: string; readonly iv: string }): CheckResult {
  const check = "field-keys";
  const sample = "카드 4111 + %";
  try {
    if (decryptField(encryptField(sample, keys), keys) !== sample) throw new RangeError();
    return ok(check, {
      en: "The field keys encrypt and decrypt. Only the gateway can tell whether they are the ones issued.",
      ko: "필드 키로 암호화와 복호화가 됩니다. 발급된 키인지는 결제사만 확인할 수 있습니다.",
    });
  } catch {
    const text = { en: "The field keys cannot be used.", ko: "필드 키를 사용할 수 없습니다." };
    return fail(check, configuration, text, {
      en: `${variables.fieldKey} is 32 ASCII characters as issued, ${variables.fieldIv} is 16; neither is decoded from hex.`,
      ko: `${variables.fieldKey}는 발급된 ASCII 32자, ${variables.fieldIv}는 16자 그대로여야 합니다.`,
    });
  }
}
