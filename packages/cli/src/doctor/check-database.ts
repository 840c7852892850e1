import { type Ledger, LedgerError, LedgerUnavailableError, openLedger } from "@payapi/ledger";
import pg from "pg";
import { exitCodes } from "../exit-codes.js";
import { databaseProblems, secretProblems, secretsOption, tablesOptions } from "../ledger-settings.js";
import type { Settings } from "../settings.js";
import type { Text } from "../text.js";
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
    ...durability(found),
    ...(await checkLedger(settings, database)),
  ];
}

interface Server {
  readonly version: string;
  readonly number: number;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly inRecovery: boolean;
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
        `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
           current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
           pg_is_in_recovery()::text AS recovering,
           (extract(epoch FROM clock_timestamp()) * 1000)::bigint::text AS now`,
      );
      const after = Date.now();
      const row = rows[0] ?? {};
      return {
        version: row.version ?? "?",
        number: Number(row.number),
        fsync: row.fsync ?? "?",
        fullPageWrites: row.pages ?? "?",
        inRecovery: row.recovering !== "false",
        skewMs: Number(row.now) - (before + after) / 2,
      };
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

function durability({ number, fsync, fullPageWrites, inRecovery }: Server): CheckResult[] {
  const results: CheckResult[] = [];
  const add = (check: string, text: Text, advice: Text) =>
    results.push(fail(check, configuration, text, advice));
  if (!(number >= 150_000)) {
    add(
      "database-version",
      { en: "PostgreSQL is older than 15.", ko: "PostgreSQL 15보다 오래된 버전입니다." },
      { en: "Update the server.", ko: "서버를 업데이트하세요." },
    );
  }
  for (const [name, value] of Object.entries({ fsync, full_page_writes: fullPageWrites })) {
    if (value === "on") continue;
    add(
      "database-durability",
      { en: `${name} is ${value}.`, ko: `${name} 설정이 ${value}입니다.` },
      {
        en: "Turn it on: a power cut would lose payments.",
        ko: "켜세요. 정전 시 결제 기록이 사라질 수 있습니다.",
      },
    );
  }
  if (inRecovery) {
    add(
      "database-primary",
      { en: "This server is a standby.", ko: "대기(standby) 서버입니다." },
      { en: "Connect to the primary.", ko: "주(primary) 서버에 연결하세요." },
    );
  }
  if (results.length > 0) return results;
  const text = {
    en: "It keeps what it confirmed (fsync on, a primary).",
    ko: "확정한 기록을 보존합니다(fsync on, primary).",
  };
  return [ok("database-durability", text)];
}

/** The ledger's own checks: it refuses tables of another version, and sends nothing with a database that is not accepted. */
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
    return [fail(check, exitCode, { en: `${error.message}.`, ko: error.message }, advice)];
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
