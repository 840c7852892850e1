import { migrateLedger } from "@payapi/ledger";
import { type Command, form } from "../command.js";
import { exitCodes } from "../exit-codes.js";
import { databaseOf, tablesOptions } from "../ledger-settings.js";

/** Migrates the ledger's tables to the version of this release. */
export const migrate: Command = {
  name: "migrate",
  summary: { en: "create or update the ledger's tables", ko: "원장 테이블 생성 또는 업데이트" },
  notes: {
    en: "Safe to repeat, and from several processes at once. DATABASE_URL must name a role that may change tables.",
    ko: "반복하거나 동시에 실행해도 안전합니다. DATABASE_URL의 역할에 테이블 변경 권한이 필요합니다.",
  },
  forms: [
    form({
      args: [],
      options: {},
      async run({ settings }) {
        const { from, to } = await migrateLedger(databaseOf(settings), tablesOptions(settings));
        const schema = settings.get("schema") ?? "payapi";
        const text =
          from === to
            ? {
                en: `Schema ${schema} has version ${to}: nothing to do.`,
                ko: `스키마 ${schema}: 버전 ${to}, 변경할 것이 없습니다.`,
              }
            : {
                en: `Schema ${schema}: version ${from} -> ${to}.`,
                ko: `스키마 ${schema}: 버전 ${from} -> ${to}`,
              };
        return { exitCode: exitCodes.ok, result: { schema, from, to }, lines: [text] };
      },
    }),
  ],
};
