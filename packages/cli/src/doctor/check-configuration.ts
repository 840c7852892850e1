import { statSync } from "node:fs";
import { decryptField, encryptField } from "@payapi/core/crypto";
import { exitCodes } from "../exit-codes.js";
import { Failure } from "../failure.js";
import { type Settings, variables } from "../settings.js";
import type { Finding } from "./finding.js";

const { configuration } = exitCodes;

/** Every variable that is wrong, at once. */
export function checkConfiguration(settings: Settings): Finding[] {
  const check = "configuration";
  const findings: Finding[] = [];
  try {
    const { environment, mid, origin } = settings.payapi();
    const text = { en: `${mid} in ${environment}, at ${origin}.`, ko: `${mid}, ${environment}, ${origin}` };
    findings.push({ check, status: "ok", text });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    for (const { name, message } of error.details) {
      const text = { en: `${name} ${message}.`, ko: `${name}: ${message}` };
      const advice = {
        en: "Put it into the environment or the --env-file.",
        ko: "환경 변수나 --env-file에 올바른 값을 넣으세요.",
      };
      findings.push({ check, status: "fail", text, advice, exitCode: configuration });
    }
  }
  if (settings.get("database") === undefined) {
    findings.push({
      check,
      status: "warn",
      text: { en: `${variables.database} is missing.`, ko: `${variables.database} 설정이 없습니다.` },
      advice: {
        en: "cancel, unknowns, settle and migrate need the ledger's PostgreSQL.",
        ko: "cancel, unknowns, settle, migrate에는 원장 PostgreSQL이 필요합니다.",
      },
    });
  }
  return findings;
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
