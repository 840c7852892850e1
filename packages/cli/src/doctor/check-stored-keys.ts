import type { KeySecret, Ledger } from "@payapi/ledger";
import { exitCodes } from "../exit-codes.js";
import { type Settings, variables } from "../settings.js";
import type { Text } from "../words.js";
import type { Finding } from "./finding.js";

const check = "ledger-keys";

/** Whether the billing keys that the database keeps can be read with the secrets that are configured. */
export async function checkStoredKeys(settings: Settings, ledger: Ledger): Promise<Finding[]> {
  // A secret that can be none is said with the configuration, and what it would read nobody knows.
  if (settings.get("mid") === undefined || !settings.hasUsableSecrets()) return [];
  const secrets = await ledger.keySecrets();
  const of = (role: KeySecret["role"]) => secrets.filter((each) => each.role === role);
  const missing = of("missing");
  if (missing.length > 0) return [unreadable(settings, missing, sum(secrets))];
  const text =
    secrets.length === 0
      ? { en: "No billing key is stored.", ko: "저장된 빌키가 없습니다." }
      : {
          en: `All stored billing keys can be read: ${sum(secrets)}${stillUnder(of("previous")).en}.`,
          ko: `저장된 빌키 ${sum(secrets)}건을 모두 읽을 수 있습니다${stillUnder(of("previous")).ko}.`,
        };
  return [{ check, status: "ok", text }];
}

/** What keeps a previous secret from being left out. */
function stillUnder(previous: readonly KeySecret[]): Text {
  if (previous.length === 0) return { en: "", ko: "" };
  return {
    en: `, ${sum(previous)} of them under a secret in ${variables.previousSecrets}, until rotateSecrets() has run`,
    ko: `(그중 ${sum(previous)}건은 rotateSecrets() 전까지 ${variables.previousSecrets} 값이 필요함)`,
  };
}

function unreadable(settings: Settings, missing: readonly KeySecret[], all: number): Finding {
  // A machine that only settles and looks up needs none; one that has a wrong one is mistaken.
  const isSet = settings.get("secret") !== undefined;
  const text = {
    en: `${sum(missing)} of ${all} stored billing keys cannot be read: ${list(missing).en}.`,
    ko: `저장된 빌키 ${all}건 중 ${sum(missing)}건을 읽을 수 없습니다: ${list(missing).ko}`,
  };
  return isSet
    ? {
        check,
        status: "fail",
        text,
        advice: {
          en: `${variables.secret} is not the one these keys are encrypted under. If the secret was changed, add the one before it to ${variables.previousSecrets} (and to the shop's secrets.previous), then run rotateSecrets(). If it was mistyped, put the shop's own there. Never make a new one in its place: the keys would be lost.`,
          ko: `이 빌키를 암호화한 ${variables.secret}이(가) 아닙니다. 값을 바꾸었다면 이전 값을 ${variables.previousSecrets}(쇼핑몰은 secrets.previous)에 추가하고 rotateSecrets()를 실행하세요. 잘못 입력했다면 쇼핑몰의 값을 넣으세요. 새로 만들면 빌키를 잃게 됩니다.`,
        },
        exitCode: exitCodes.configuration,
      }
    : {
        check,
        status: "warn",
        text,
        advice: {
          en: `${variables.secret} is not set. A machine that charges or deletes keys, such as the worker's, needs the shop's own.`,
          ko: `${variables.secret} 설정이 없습니다. 빌키로 결제하거나 빌키를 삭제하는 컴퓨터(worker 등)에는 쇼핑몰과 같은 값이 필요합니다.`,
        },
      };
}

/** How many under each secret, which is told from others by its fingerprint: a hash that also stands before each key. */
function list(secrets: readonly KeySecret[]): Text {
  return {
    en: secrets.map(({ fingerprint, keys }) => `${keys} under secret ${fingerprint}`).join(", "),
    ko: secrets.map(({ fingerprint, keys }) => `${keys}건(비밀값 ${fingerprint})`).join(", "),
  };
}

function sum(secrets: readonly KeySecret[]): number {
  return secrets.reduce((all, { keys }) => all + keys, 0);
}
