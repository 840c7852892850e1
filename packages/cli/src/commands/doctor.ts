import { type Call, type Command, form } from "../command.js";
import {
  checkConfiguration,
  checkEnvFile,
  checkJournal,
  checkSecret,
} from "../doctor/check-configuration.js";
import { checkDatabase } from "../doctor/check-database.js";
import { checkGateway } from "../doctor/check-gateway.js";
import type { CheckResult } from "../doctor/check-result.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { joined } from "../text.js";

/** Checks whether this machine is ready to take payments. */
export const doctor: Command = {
  name: "doctor",
  summary: {
    en: "check configuration, keys, clock, gateway and database",
    ko: "설정, 키, 시계, 결제사 연결, 데이터베이스 점검",
  },
  notes: {
    en: "The gateway gets a connection and HEAD / for its clock, no request of a merchant. Exit code 0 also with warnings; of several failures the configuration's code wins, then the network's.",
    ko: "결제사에는 연결과 시각 확인용 HEAD / 외에 아무것도 보내지 않습니다. 경고만 있으면 종료 코드는 0이며, 여러 문제가 있으면 설정, 연결 순서로 종료 코드를 정합니다.",
  },
  forms: [
    form({
      args: [],
      options: {},
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
          },
          lines: results.flatMap(({ status, check, text, advice }) => [
            joined([`${marks[status]} ${check}`, text], ": "),
            advice && joined(["       ->", advice], " "),
          ]),
          problem: exitCode === exitCodes.ok ? undefined : { code: "checks-failed", text },
        };
      },
    }),
  ],
};

const marks = { ok: "ok    ", warn: "warn  ", fail: "FAIL  " } as const;

async function examine({
  settings,
  envFile,
}: Pick<Call, "settings" | "envFile">): Promise<readonly CheckResult[]> {
  const [gateway, database] = await Promise.all([
    checkGateway(settings.gatewayOrigin()),
    checkDatabase(settings),
  ]);
  return [
    ...checkConfiguration(settings),
    ...checkEnvFile(envFile),
    ...checkSecret(settings),
    ...checkJournal(settings),
    ...gateway,
    ...database,
  ];
}

function worst(results: readonly CheckResult[]): ExitCode {
  const codes = results.flatMap(({ exitCode }) => exitCode ?? []);
  const order = [exitCodes.configuration, exitCodes.unreachable, exitCodes.failed];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
