import { type Call, type Command, form } from "../command.js";
import {
  checkConfiguration,
  checkEnvFile,
  checkJournal,
  checkSecret,
} from "../doctor/check-configuration.js";
import { checkDatabase } from "../doctor/check-database.js";
import { checkGateway } from "../doctor/check-gateway.js";
import { checkKeys } from "../doctor/check-keys.js";
import type { CheckResult } from "../doctor/check-result.js";
import { checkShopUrl } from "../doctor/check-shop-url.js";
import { goingLive } from "../doctor/going-live.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { flag, text as textOption } from "../options.js";
import type { Line } from "../output.js";
import { joined } from "../text.js";

/** Checks whether this machine is ready to take payments. */
export const doctor: Command = {
  name: "doctor",
  summary: {
    en: "check configuration, keys, clock, gateway and database",
    ko: "설정, 키, 시계, 결제사 연결, 데이터베이스 점검",
  },
  notes: {
    en: "The gateway gets HEAD / for its clock and one lookup of a card prefix, which proves mid and sign key and moves nothing. Exit code 0 also with warnings; of several failures the configuration's code wins, then the network's.",
    ko: "결제사에는 시각 확인용 HEAD /와, 상점 ID와 signKey를 확인하는 카드 BIN 조회 한 번만 보냅니다(결제되지 않음). 경고만 있으면 종료 코드는 0이며, 여러 문제가 있으면 설정, 연결 순서로 종료 코드를 정합니다.",
  },
  forms: [
    form({
      args: [],
      options: {
        "shop-url": textOption("URL", {
          en: "also check that notifications reach the shop, such as https://shop.example/payments",
          ko: "알림이 상점에 도달하는지도 확인(예: https://shop.example/payments)",
        }),
        "prove-field-key": flag({
          en: "also prove the field key, by asking for a billing key of a card that does not exist",
          ko: "없는 카드번호로 빌키 발급을 요청해 필드 암호화 키도 확인",
        }),
        "going-live": flag({
          en: "also list what to ask the gateway for before selling",
          ko: "판매 전에 결제사에 요청할 항목도 표시",
        }),
      },
      async run(call) {
        const results = await examine(call);
        const exitCode = worst(results);
        const failed = results.filter(({ status }) => status === "fail").length;
        const text = { en: `${failed} checks failed.`, ko: `${failed}개 점검에 실패했습니다.` };
        return {
          exitCode,
          result: {
            checks: results.map(({ check, status, text, advice }) => ({
              check,
              status,
              message: text.en,
              advice: advice?.en,
            })),
            goingLive: call.options["going-live"] ? goingLive.map(({ en }) => en) : undefined,
          },
          lines: [
            ...results.flatMap(({ status, check, text, advice }) => [
              joined([`${marks[status]} ${check}`, text], ": "),
              advice && joined(["       ->", advice], " "),
            ]),
            ...listOf(call.options["going-live"] === true),
          ],
          problem: exitCode === exitCodes.ok ? undefined : { code: "checks-failed", text },
        };
      },
    }),
  ],
};

const marks = { ok: "ok    ", warn: "warn  ", fail: "FAIL  " } as const;

/** The going-live list, below the checks. */
function listOf(isAsked: boolean): readonly Line[] {
  if (!isAsked) return [];
  const heading = { en: "Ask the gateway for:", ko: "결제사에 요청할 항목:" };
  return ["", heading, ...goingLive.map((item) => joined(["  [ ]", item], " "))];
}

interface Examined extends Pick<Call, "settings" | "envFile"> {
  readonly options: {
    readonly "shop-url": string | undefined;
    readonly "prove-field-key": boolean | undefined;
  };
}

async function examine({ settings, envFile, options }: Examined): Promise<readonly CheckResult[]> {
  const [gateway, keys, shopUrl, database] = await Promise.all([
    checkGateway(settings.gatewayOrigin()),
    checkKeys(settings, { proveFieldKey: options["prove-field-key"] === true }),
    checkShopUrl(options["shop-url"]),
    checkDatabase(settings),
  ]);
  return [
    ...checkConfiguration(settings),
    ...checkEnvFile(envFile),
    ...checkSecret(settings),
    ...checkJournal(settings),
    ...gateway,
    ...keys,
    ...shopUrl,
    ...database,
  ];
}

function worst(results: readonly CheckResult[]): ExitCode {
  const codes = results.flatMap(({ exitCode }) => exitCode ?? []);
  const order = [exitCodes.configuration, exitCodes.unreachable, exitCodes.failed];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
