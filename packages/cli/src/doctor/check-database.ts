import { type Ledger, LedgerError, LedgerUnavailableError, openLedger } from "@payapi/ledger";
import pg from "pg";
import { exitCodes } from "../exit-codes.js";
import { databaseProblems, secretProblems, secretsOption, tablesOptions } from "../ledger-settings.js";
import { ledgerErrors } from "../messages.js";
import type { Settings } from "../settings.js";
import { coded, inLanguage, type Text } from "../text.js";
import { type CheckResult, clockResult, fail, ok } from "./check-result.js";
import { checkStoredKeys } from "./check-stored-keys.js";

const { configuration, failed, unreachable } = exitCodes;

/** Whether the ledger can work in the database, and how its clock compares. */
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
    clockResult("database-clock", whose, skewMs, failed),
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
    return fail("database", unreachable, text, unreachableAdvice(why));
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

/**
 * The ledger's own checks: it refuses tables of another version and a server that would lose what it confirmed, and sends
 * nothing with a database that is not accepted.
 */
async function checkLedger(settings: Settings, database: string): Promise<CheckResult[]> {
  const check = "ledger-tables";
  const schema = settings.get("schema") ?? "payapi";
  try {
    // Only the merchant's own keys are looked at; the rest is the same for every merchant.
    const merchant = { mid: settings.get("mid") ?? "doctor", environment: "sandbox" } as const;
    const secrets = secretProblems(settings).length === 0 ? secretsOption(settings) : {};
    const ledger = await openLedger({ payapi: merchant, database, ...tablesOptions(settings), ...secrets });
    try {
      const text = {
        en: `The ledger's tables are ready in schema ${schema}.`,
        ko: `스키마 ${schema}의 원장 테이블이 준비되었습니다.`,
      };
      const stored = await checkStoredKeys(settings, ledger);
      return [ok(check, text), await acceptance(ledger), ...stored];
    } finally {
      await ledger.close();
    }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    const advice =
      error.code === "not-migrated"
        ? {
            en: "Run `payapi migrate` with a role that may change tables.",
            ko: "테이블 변경 권한이 있는 역할로 `payapi migrate`를 실행하세요.",
          }
        : { en: "Correct it before you start the shop.", ko: "상점을 시작하기 전에 해결하세요." };
    const exitCode = error instanceof LedgerUnavailableError ? unreachable : configuration;
    const ko = `${inLanguage(coded(error.code, ledgerErrors), "ko")}: ${error.message}`;
    return [fail(check, exitCode, { en: `${error.message}.`, ko }, advice)];
  }
}

async function acceptance(ledger: Ledger): Promise<CheckResult> {
  const check = "ledger-accepted";
  const { accepted } = await ledger.database();
  if (accepted) {
    return ok(check, {
      en: "It is the database that was accepted last.",
      ko: "마지막으로 승인된 데이터베이스입니다.",
    });
  }
  const text = {
    en: "The database was restored, or another server took over: nothing is sent.",
    ko: "데이터베이스가 복원되었거나 다른 서버로 바뀌어 아무것도 전송되지 않습니다.",
  };
  return fail(check, failed, text, {
    en: "See `payapi database`.",
    ko: "`payapi database`를 실행하세요.",
  });
}
