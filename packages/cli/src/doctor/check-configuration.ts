import { statSync } from "node:fs";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { journalState, journalTexts, secretsOption, tablesOptions } from "../ledger-settings.js";
import { type Settings, variables } from "../settings.js";
import { inLanguage, type Text } from "../text.js";
import { type CheckResult, fail, ok, warn } from "./check-result.js";

const { configuration } = exitCodes;

/** Reports all wrong variables together. */
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

/** Checks the format of the billing keys' secret. Whether it is the right one, the database check finds out. */
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
      ko: `${variables.secret} 값을 사용할 수 있습니다${previous.ko}.`,
    };
    return [ok(check, text)];
  });
}

/** Checks whether the shop's journal is on this machine. */
export function checkJournal(settings: Settings): CheckResult[] {
  const check = "ledger-journal";
  const advice = {
    en: "Name the folder of the shop's openLedger({ journal }), and run this as the shop's user.",
    ko: "상점의 openLedger({ journal }) 폴더를 지정하고 상점과 같은 사용자로 실행하세요.",
  };
  return orFailures(check, advice, () => {
    const state = journalState(settings);
    if (state !== "there") return [warn(check, journalTexts[state], advice)];
    return [
      ok(check, { en: "The journal's folder exists and is writable.", ko: "저널 폴더에 쓸 수 있습니다." }),
    ];
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

/** Warns about a file with secrets that other users of the machine may read. */
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
