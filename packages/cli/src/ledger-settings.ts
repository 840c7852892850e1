import { accessSync, constants, statSync } from "node:fs";
import type { LogEntry } from "@payapi/core/handler";
import {
  checkLedgerSecrets,
  type DatabaseIdentity,
  type Ledger,
  LedgerError,
  type LedgerMerchant,
  type LedgerSecrets,
  openLedger,
} from "@payapi/ledger";
import { isConnectionString } from "@payapi/ledger/internal";
import { exitCodes } from "./exit-codes.js";
import { type Detail, Failure } from "./failure.js";
import { missing, type Settings, type VariableName, variables, wrongConfiguration } from "./settings.js";

/**
 * Runs `work` with the ledger, and closes it.
 *
 * A missing journal folder is never created here, only by the shop: a mistyped one must not look like an empty journal.
 *
 * @param merchant the client, for what calls the gateway; by default the merchant alone
 */
export async function withLedger<T>(
  settings: Settings,
  work: (ledger: Ledger) => Promise<T>,
  merchant: LedgerMerchant = settings.merchant(),
): Promise<T> {
  const journal = journalState(settings) === "there" ? settings.get("journal") : undefined;
  const ledger = await openLedger({
    payapi: merchant,
    database: databaseOf(settings),
    // For reports; a standby refuses every change by itself.
    allowsStandby: true,
    logger: warn,
    ...tablesOptions(settings),
    ...secretsOption(settings),
    ...midOption(settings),
    ...(journal === undefined ? {} : { journal }),
  });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** The commands themselves report these, in the user's language and with the command to use. */
const reported = ["database-changed", "recovery-failed", "delivery-failed", "event-failed", "event-dead"];

/** Prints what concerns the operator, without its fields. */
function warn({ level, code, message }: LogEntry): void {
  if (level === "info" || reported.includes(code)) return;
  process.emitWarning(message, { type: "PayApiLedgerWarning", code });
}

/** The connection string. @throws Failure if it is missing or wrong */
export function databaseOf(settings: Settings): string {
  const database = settings.get("database");
  if (database === undefined) {
    throw wrongConfiguration([
      missing("database", { en: "the ledger's PostgreSQL", ko: "원장의 PostgreSQL 주소" }),
    ]);
  }
  return database;
}

/** Returns the problems of the settings for the ledger's tables. */
export function databaseProblems(settings: Settings): readonly Detail[] {
  const { database, schema, databaseIdentity } = rules;
  return [
    ...wrong(settings, "database", isConnectionString, database),
    ...wrong(settings, "schema", isSchemaName, schema),
    ...wrong(settings, "databaseIdentity", (text) => ["server", "tables"].includes(text), databaseIdentity),
  ];
}

/** Returns the ledger's options for the place of its tables. @throws Failure if a setting is wrong */
export function tablesOptions(settings: Settings): {
  readonly schema?: string;
  readonly databaseIdentity?: DatabaseIdentity;
} {
  const problems = databaseProblems(settings);
  if (problems.length > 0) throw wrongConfiguration(problems);
  const schema = settings.get("schema");
  const databaseIdentity = settings.get("databaseIdentity") as DatabaseIdentity | undefined;
  return {
    ...(schema === undefined ? {} : { schema }),
    ...(databaseIdentity === undefined ? {} : { databaseIdentity }),
  };
}

/** Returns the ledger's option `midIsShared`, if it is set. @throws Failure if it is wrong */
function midOption(settings: Settings): { readonly midIsShared?: boolean } {
  const problems = wrong(
    settings,
    "midIsShared",
    (text) => ["true", "false"].includes(text),
    rules.midIsShared,
  );
  if (problems.length > 0) throw wrongConfiguration(problems);
  const text = settings.get("midIsShared");
  return text === undefined ? {} : { midIsShared: text === "true" };
}

/** Returns the ledger's option `secrets`, if they are set. @throws Failure if a secret is wrong */
export function secretsOption(settings: Settings): { readonly secrets?: LedgerSecrets } {
  const problems = secretProblems(settings);
  if (problems.length > 0) throw wrongConfiguration(problems);
  const current = settings.get("secret");
  return current === undefined ? {} : { secrets: { current, previous: settings.previousSecrets() } };
}

/** Returns the problems of the secrets, without their values. */
export function secretProblems(settings: Settings): readonly Detail[] {
  const previous = settings.previousSecrets();
  const areSecrets = () => previous.every(isSecretText);
  return [
    ...wrong(settings, "secret", isSecretText, rules.secret),
    ...wrong(settings, "previousSecrets", areSecrets, rules.previousSecrets),
    ...(settings.get("secret") === undefined && previous.length > 0
      ? [
          missing("secret", {
            en: `the one that replaced those in ${variables.previousSecrets}`,
            ko: `${variables.previousSecrets} 다음에 사용하는 값`,
          }),
        ]
      : []),
  ];
}

/** Returns whether the journal's folder exists. @throws Failure if it can't be used */
export function journalState(settings: Settings): "not-set" | "not-there" | "there" {
  const folder = settings.get("journal");
  if (folder === undefined) return "not-set";
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return "not-there";
  if (found.isDirectory() && isWritable(folder)) return "there";
  throw wrongConfiguration([{ name: variables.journal, message: rules.journal }]);
}

/** The reason why the journal is missing, and what to do. */
export const journalTexts = {
  "not-set": {
    en: `${variables.journal} is not set: the folder of the shop's openLedger({ journal }). A shop without that option keeps no journal, and an approval that arrives while its database is away becomes an unknown outcome.`,
    ko: `${variables.journal} 설정이 없습니다. 상점의 openLedger({ journal }) 폴더를 지정하세요. 이 옵션이 없는 상점에는 저널이 없으며, 데이터베이스 장애 중의 승인은 결과 확인 중이 됩니다.`,
  },
  "not-there": {
    en: `${variables.journal} names a folder that does not exist on this machine. It is on the machine, or the volume, where the shop runs, and the shop creates it when it starts: correct the variable, or start the shop first.`,
    ko: `${variables.journal} 폴더가 이 컴퓨터에 없습니다. 상점이 실행되는 컴퓨터(볼륨)에 있으며 상점이 시작할 때 만듭니다. 값을 고치거나 상점을 먼저 시작하세요.`,
  },
} as const;

/** For commands that write the journal to the database. */
export function noJournal(state: keyof typeof journalTexts): Failure {
  return new Failure(exitCodes.configuration, "no-journal", journalTexts[state]);
}

const base64Command = "openssl rand -base64 32";
const rules = {
  database: {
    en: "must be a connection string such as postgres://user:password@host:5432/name",
    ko: "postgres://user:password@host:5432/name 같은 접속 주소여야 합니다",
  },
  schema: {
    en: "must be letters, digits and _, at most 63 of them, not beginning with a digit or pg_",
    ko: "영문, 숫자, _로 63자 이내여야 하며 숫자나 pg_로 시작할 수 없습니다",
  },
  databaseIdentity: {
    en: 'must be "server" or "tables", as in the shop',
    ko: '상점과 같은 "server" 또는 "tables"여야 합니다',
  },
  midIsShared: {
    en: 'must be "true" or "false", as in the shop: whether other systems make payments with this mid',
    ko: '상점과 같은 "true" 또는 "false"여야 합니다(같은 mid로 결제하는 다른 시스템이 있는지)',
  },
  secret: {
    en: `must be 32 bytes as base64 (44 characters) or hex (64), as from \`${base64Command}\``,
    ko: `32바이트의 base64(44자) 또는 16진수(64자)여야 합니다(예: \`${base64Command}\`)`,
  },
  previousSecrets: {
    en: `must be secrets separated by commas, each 32 bytes as base64 or hex, as from \`${base64Command}\``,
    ko: `쉼표로 구분한 값이어야 하며 각각 32바이트의 base64 또는 16진수여야 합니다(예: \`${base64Command}\`)`,
  },
  journal: {
    en: "must be a folder that this process may write in",
    ko: "이 프로세스가 쓸 수 있는 폴더여야 합니다",
  },
} as const;

function wrong(
  settings: Settings,
  name: VariableName,
  isRight: (text: string) => boolean,
  message: Detail["message"],
): readonly Detail[] {
  const text = settings.get(name);
  return text === undefined || isRight(text) ? [] : [{ name: variables[name], message }];
}

function isSecretText(text: string): boolean {
  try {
    checkLedgerSecrets({ current: text });
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The ledger's own rule, checked here to name the variable. */
function isSchemaName(text: string): boolean {
  return /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/i.test(text);
}
