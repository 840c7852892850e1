import { migrateLedger } from "@payapi/ledger";
import type { Command } from "../command.js";
import { exitCodes } from "../exit-codes.js";

/** Brings the ledger's tables to the version this release works with. */
export const migrate: Command = {
  name: "migrate",
  summary: { en: "bring the ledger's tables up to date", ko: "원장 테이블을 최신 버전으로 변경" },
  usage: ["migrate"],
  arguments: 0,
  options: {},
  notes: {
    en: "Safe to repeat, and from several processes at once. DATABASE_URL must name a role that may change tables.",
    ko: "반복하거나 동시에 실행해도 안전합니다. DATABASE_URL의 역할에 테이블 변경 권한이 필요합니다.",
  },
  async run(call) {
    const { from, to } = await migrateLedger(call.settings.database(), call.settings.tablesOptions());
    const schema = call.settings.get("schema") ?? "payapi";
    return {
      exitCode: exitCodes.ok,
      result: { schema, from, to },
      lines: [
        from === to
          ? call.say({
              en: `Schema ${schema} has version ${to}: nothing to do.`,
              ko: `스키마 ${schema}: 버전 ${to}, 변경할 것이 없습니다.`,
            })
          : call.say({
              en: `Schema ${schema}: version ${from} -> ${to}.`,
              ko: `스키마 ${schema}: 버전 ${from} -> ${to}`,
            }),
      ],
    };
  },
};
