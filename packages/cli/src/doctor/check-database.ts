import pg from "pg";
import { exitCodes } from "../exit-codes.js";
import { databaseProblems } from "../ledger-settings.js";
import type { Settings } from "../settings.js";
import type { Text } from "../text.js";
import { checkLedger } from "./check-ledger.js";
import { type CheckResult, clockResult, fail, ok } from "./check-result.js";

/** Checks the database for the ledger, and compares its clock. */
export async function checkDatabase(settings: Settings): Promise<CheckResult[]> {
  const database = settings.get("database");
  // A wrong variable is reported with the configuration.
  if (database === undefined || databaseProblems(settings).length > 0) return [];
  const found = await askServer(database);
  if (!("version" in found)) return [found];
  const { version, skewMs } = found;
  const whose = { en: "the database's", ko: "데이터베이스 시계" };
  return [
    ok("database", { en: `PostgreSQL ${version} answers.`, ko: `PostgreSQL ${version}에 연결됩니다.` }),
    clockResult("database-clock", whose, skewMs, exitCodes.failed),
    ...(await checkLedger(settings, database)),
  ];
}

interface Server {
  readonly version: string;
  readonly skewMs: number;
}

async function askServer(database: string): Promise<Server | CheckResult> {
  try {
    const client = new pg.Client({
      connectionString: database,
      connectionTimeoutMillis: 7_000,
      query_timeout: 7_000,
    });
    client.on("error", () => {});
    await client.connect();
    try {
      const before = Date.now();
      const { rows } = await client.query<Record<string, string>>(
        `SELECT current_setting('server_version') AS version,
           (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now`,
      );
      const after = Date.now();
      const { version = "?", now } = rows[0] ?? {};
      return { version, skewMs: Number(now) - (before + after) / 2 };
    } finally {
      await client.end();
    }
  } catch (error) {
    const { code } = error as { code?: unknown };
    const why = typeof code === "string" ? code : "no answer";
    const text = {
      en: `The database is not reached (${why}).`,
      ko: `데이터베이스에 연결할 수 없습니다(${why}).`,
    };
    return fail("database", exitCodes.unreachable, text, unreachableAdvice(why));
  }
}

function unreachableAdvice(code: string): Text {
  if (code.startsWith("28")) {
    return {
      en: "DATABASE_URL names a role or password that the server refuses.",
      ko: "DATABASE_URL의 사용자나 비밀번호를 확인하세요.",
    };
  }
  if (code === "3D000") {
    return {
      en: "DATABASE_URL names a database that does not exist.",
      ko: "DATABASE_URL의 데이터베이스가 없습니다.",
    };
  }
  return {
    en: "Check host and port in DATABASE_URL, that the server runs, and the network in between.",
    ko: "DATABASE_URL의 주소와 포트, 서버 실행 여부, 네트워크를 확인하세요.",
  };
}
