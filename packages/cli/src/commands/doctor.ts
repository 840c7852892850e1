import type { Call, Command } from "../command.js";
import {
  checkConfiguration,
  checkEnvFile,
  checkJournal,
  checkKeys,
  checkSecret,
} from "../doctor/check-configuration.js";
import { checkDatabase } from "../doctor/check-database.js";
import { checkGatewayClock, checkReachability } from "../doctor/check-gateway.js";
import type { Finding } from "../doctor/finding.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";

/** Whether this machine is ready to take money. */
export const doctor: Command = {
  name: "doctor",
  summary: { en: "check keys, clock, gateway and database", ko: "키, 시계, 결제사 연결, 데이터베이스 점검" },
  usage: ["doctor"],
  arguments: 0,
  options: {},
  notes: {
    en: "The gateway gets a connection and HEAD / for its clock, no request of a merchant. Exit code 0 also with warnings; of several failures the configuration's code wins, then the network's.",
    ko: "결제사에는 연결과 시각 확인용 HEAD / 외에 아무것도 보내지 않습니다. 경고만 있으면 종료 코드는 0입니다.",
  },
  async run(call) {
    const findings = await examine(call);
    const exitCode = worst(findings);
    const failed = findings.filter(({ status }) => status === "fail").length;
    return {
      exitCode,
      result: {
        checks: findings.map(({ check, status, text, advice }) => ({
          check,
          status,
          message: text.en,
          advice: advice?.en ?? null,
        })),
      },
      lines: findings.flatMap(({ status, check, text, advice }) => [
        `${marks[status]} ${check}: ${call.say(text)}`,
        ...(advice === undefined ? [] : [`       -> ${call.say(advice)}`]),
      ]),
      ...(exitCode === exitCodes.ok
        ? {}
        : {
            problem: {
              code: "checks-failed",
              text: { en: `${failed} checks failed.`, ko: `${failed}개 점검에 실패했습니다.` },
            },
          }),
    };
  },
};

const marks = { ok: "ok    ", warn: "warn  ", fail: "FAIL  " } as const;

async function examine({ settings, envFile }: Call): Promise<Finding[]> {
  const origin = settings.gatewayOrigin();
  const gateway = async (): Promise<Finding[]> => {
    if (origin === undefined) return [];
    const reached = await checkReachability(origin);
    return reached.status === "ok" ? [reached, await checkGatewayClock(origin)] : [reached];
  };
  const [reached, database] = await Promise.all([gateway(), checkDatabase(settings)]);
  return [
    ...checkConfiguration(settings),
    ...checkEnvFile(envFile),
    ...checkKeys(settings),
    ...checkSecret(settings),
    ...checkJournal(settings),
    ...reached,
    ...database,
  ];
}

function worst(findings: readonly Finding[]): ExitCode {
  const codes = findings.flatMap(({ exitCode }) => exitCode ?? []);
  const order = [exitCodes.configuration, exitCodes.unreachable, exitCodes.failed];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}
