import { statSync } from "node:fs";
import { decryptField, encryptField } from "@payapi/core/crypto";
import type { LedgerSecrets } from "@payapi/ledger";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { type Settings, variables } from "../settings.js";
import type { Text } from "../words.js";
import type { Finding } from "./finding.js";

const { configuration } = exitCodes;

const putRight: Text = {
  en: "Put it into the environment or the --env-file.",
  ko: "환경 변수나 --env-file에 올바른 값을 넣으세요.",
};

/** Every variable that is wrong, at once. */
export function checkConfiguration(settings: Settings): Finding[] {
  const check = "configuration";
  const findings: Finding[] = [];
  try {
    const { environment, mid, origin } = settings.payapi();
    const text = { en: `${mid} in ${environment}, at ${origin}.`, ko: `${mid}, ${environment}, ${origin}` };
    findings.push({ check, status: "ok", text });
  } catch (error) {
    findings.push(...failuresOf(check, error, putRight));
  }
  try {
    settings.tablesOptions();
  } catch (error) {
    findings.push(...failuresOf(check, error, putRight));
  }
  if (settings.get("database") === undefined) {
    findings.push({
      check,
      status: "warn",
      text: { en: `${variables.database} is missing.`, ko: `${variables.database} 설정이 없습니다.` },
      advice: {
        en: "Every command about the ledger needs its PostgreSQL: review, resolve, cancel, worker, migrate and more.",
        ko: "review, resolve, cancel, worker, migrate 등 원장 명령에는 PostgreSQL이 필요합니다.",
      },
    });
  }
  return findings;
}

/** What billing keys are encrypted under: whether it can be used. Whether it is the right one, the database says. */
export function checkSecret(settings: Settings): Finding[] {
  const check = "ledger-secret";
  try {
    const { secrets } = settings.secretsOption();
    const text =
      secrets === undefined
        ? {
            en: `${variables.secret} is not set: right for a shop that keeps no billing keys.`,
            ko: `${variables.secret} 설정이 없습니다. 빌키를 보관하지 않는 상점은 필요하지 않습니다.`,
          }
        : {
            en: `${variables.secret} can be used${previousOf(secrets).en}.`,
            ko: `${variables.secret}을(를) 사용할 수 있습니다${previousOf(secrets).ko}.`,
          };
    return [{ check, status: "ok", text }];
  } catch (error) {
    return failuresOf(check, error, {
      en: "Use the shop's own, character for character; it must not be made anew, or no stored key can be read.",
      ko: "쇼핑몰과 같은 값을 그대로 사용하세요. 새로 만들면 저장된 빌키를 읽을 수 없습니다.",
    });
  }
}

function previousOf({ previous = [] }: LedgerSecrets): Text {
  return previous.length === 0
    ? { en: "", ko: "" }
    : { en: `, with ${previous.length} before it`, ko: `(이전 값 ${previous.length}개 포함)` };
}

/** Where the shop keeps what no database took. */
export function checkJournal(settings: Settings): Finding[] {
  const check = "ledger-journal";
  try {
    const state = settings.journalState();
    if (state === "there") {
      const text = {
        en: "The journal's folder is there and can be written.",
        ko: "저널 폴더에 쓸 수 있습니다.",
      };
      return [{ check, status: "ok", text }];
    }
    const isSet = state === "not-there";
    return [
      {
        check,
        status: "warn",
        text: isSet
          ? {
              en: `${variables.journal} names a folder that is not there.`,
              ko: `${variables.journal} 폴더가 없습니다.`,
            }
          : { en: `${variables.journal} is not set.`, ko: `${variables.journal} 설정이 없습니다.` },
        advice: isSet
          ? {
              en: "The shop makes it when it starts, and `payapi worker` refuses to run without it. It belongs on a disk that outlives the shop.",
              ko: "쇼핑몰이 시작할 때 만들며, 없으면 `payapi worker`가 실행되지 않습니다. 프로세스가 끝나도 남는 디스크여야 합니다.",
            }
          : {
              en: "Name the folder of the shop's openLedger({ journal }). Without one, a yes that comes while the database is away is an unknown.",
              ko: "쇼핑몰의 openLedger({ journal }) 폴더를 지정하세요. 없으면 데이터베이스 장애 중의 승인은 결과 미확인이 됩니다.",
            },
      },
    ];
  } catch (error) {
    return failuresOf(check, error, {
      en: "Name the folder of the shop's openLedger({ journal }), and run this as the shop's user.",
      ko: "쇼핑몰의 openLedger({ journal }) 폴더를 지정하고 쇼핑몰과 같은 사용자로 실행하세요.",
    });
  }
}

function failuresOf(check: string, error: unknown, advice: Text): Finding[] {
  if (!(error instanceof Failure)) throw error;
  return error.details.map(({ name, message }) => ({
    check,
    status: "fail",
    text: { en: `${name} ${message}.`, ko: `${name}: ${message}` },
    advice,
    exitCode: configuration,
  }));
}

/** A file with secrets that others on the machine may read. */
export function checkEnvFile(path: string | undefined): Finding[] {
  if (path === undefined || process.platform === "win32") return [];
  const open = (statSync(path).mode & 0o077) !== 0;
  if (!open) return [];
  return [
    {
      check: "env-file",
      status: "warn",
      text: {
        en: "Others on this machine may read the --env-file.",
        ko: "--env-file을 다른 사용자가 읽을 수 있습니다.",
      },
      advice: { en: "chmod 600 it: it holds the keys.", ko: "키가 들어 있으니 chmod 600으로 바꾸세요." },
    },
  ];
}

// Of the gateway's guide: an integrator's published key, with which the guide's own example comes out.
const knownAnswer = {
  keys: { key: "1".repeat(32), iv: "1".repeat(16) },
  plain: "test",
  encrypted: "oijMQxRyQIcHc1qJ+Um2DA==",
};

/** That fields are encrypted as the gateway does it, and that the keys given can be used. */
export function checkKeys(settings: Settings): Finding[] {
  const cipherWorks = encryptField(knownAnswer.plain, knownAnswer.keys) === knownAnswer.encrypted;
  const cipher: Finding = cipherWorks
    ? {
        check: "cipher",
        status: "ok",
        text: {
          en: "Fields are encrypted as in the gateway's guide.",
          ko: "암호화 결과가 결제사 안내서의 예와 같습니다.",
        },
      }
    : {
        check: "cipher",
        status: "fail",
        text: {
          en: "The guide's known answer does not come out.",
          ko: "암호화 결과가 결제사 안내서의 예와 다릅니다.",
        },
        advice: {
          en: "This Node.js lacks AES-256-CBC; use an unmodified one.",
          ko: "AES-256-CBC를 지원하는 Node.js를 사용하세요.",
        },
        exitCode: exitCodes.failed,
      };
  return [cipher, ...checkFieldKeys(settings)];
}

function checkFieldKeys(settings: Settings): Finding[] {
  const [key, iv] = [settings.get("fieldKey"), settings.get("fieldIv")];
  // That they are missing is said with the configuration.
  if (key === undefined || iv === undefined) return [];
  const sample = "카드 4111 + %";
  try {
    if (decryptField(encryptField(sample, { key, iv }), { key, iv }) !== sample) throw new RangeError();
    const text = {
      en: "The field keys encrypt and decrypt. Whether they are the ones issued, only the gateway knows.",
      ko: "필드 키로 암호화와 복호화가 됩니다. 발급된 키인지는 결제사만 확인할 수 있습니다.",
    };
    return [{ check: "field-keys", status: "ok", text }];
  } catch {
    return [
      {
        check: "field-keys",
        status: "fail",
        text: { en: "The field keys cannot be used.", ko: "필드 키를 사용할 수 없습니다." },
        advice: {
          en: `${variables.fieldKey} is 32 ASCII characters as issued, ${variables.fieldIv} is 16; neither is decoded from hex.`,
          ko: `${variables.fieldKey}는 발급된 ASCII 32자, ${variables.fieldIv}는 16자 그대로여야 합니다.`,
        },
        exitCode: configuration,
      },
    ];
  }
}
