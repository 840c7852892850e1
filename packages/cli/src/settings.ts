import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { createPayApi, isPayApiError, type PayApi, Secret } from "@payapi/core";
import { hashSignKey } from "@payapi/core/crypto";
import {
  checkLedgerSecrets,
  type DatabaseIdentity,
  type Ledger,
  LedgerError,
  type LedgerMerchant,
  type LedgerSecrets,
  openLedger,
} from "@payapi/ledger";
import { exitCodes } from "./exit-codes.js";
import { type Detail, Failure } from "./failure.js";

/** Every variable the tool reads, and which of them are secrets. */
export const variables = {
  environment: "PAYAPI_ENVIRONMENT",
  baseUrl: "PAYAPI_URL",
  mid: "PAYAPI_MID",
  signKey: "PAYAPI_SIGN_KEY",
  fieldKey: "PAYAPI_FIELD_KEY",
  fieldIv: "PAYAPI_FIELD_IV",
  database: "DATABASE_URL",
  schema: "LEDGER_SCHEMA",
  databaseIdentity: "LEDGER_DATABASE_IDENTITY",
  journal: "LEDGER_JOURNAL",
  secret: "LEDGER_SECRET",
  previousSecrets: "LEDGER_PREVIOUS_SECRETS",
} as const;

type Name = keyof typeof variables;
type Environment = "sandbox" | "test" | "production";

/** The configuration, from the environment and perhaps a file. Nothing is checked before something needs it. */
export class Settings {
  readonly #values: ReadonlyMap<string, string>;

  /** @param envFile its variables count where the environment has none. */
  constructor(env: Readonly<Record<string, string | undefined>>, envFile?: string) {
    const file = envFile === undefined ? {} : readEnvFile(envFile);
    const names: readonly string[] = Object.values(variables);
    this.#values = new Map(
      [...Object.entries(file), ...Object.entries(env)].flatMap(([name, value]) =>
        names.includes(name) && value !== undefined && value !== "" ? [[name, value]] : [],
      ),
    );
  }

  get(name: Name): string | undefined {
    return this.#values.get(variables[name]);
  }

  /** Every text that must never be printed. */
  secrets(): readonly string[] {
    const database = this.get("database");
    const password = database !== undefined && URL.canParse(database) ? new URL(database).password : "";
    const signKey = this.get("signKey");
    return [
      signKey,
      signKey && hashSignKey(signKey),
      this.get("fieldKey"),
      this.get("fieldIv"),
      database,
      password,
      safelyDecoded(password),
      this.get("secret"),
      ...this.#previousSecrets(),
      // A short one would only blot out harmless words; no key is that short.
    ].filter((secret) => secret !== undefined && secret.length >= 6) as string[];
  }

  /** The client. @throws Failure with every variable that is wrong, at once. */
  payapi(): PayApi {
    try {
      return createPayApi({
        environment: this.get("environment") as Environment,
        mid: this.get("mid") ?? "",
        signKey: new Secret(this.get("signKey") ?? ""),
        fieldKey: new Secret(this.get("fieldKey") ?? ""),
        fieldIv: new Secret(this.get("fieldIv") ?? ""),
        ...this.#baseUrl(),
      });
    } catch (error) {
      if (!isPayApiError(error) || error.problems === undefined) throw error;
      throw wrongConfiguration(
        error.problems.map(({ field, message }) => ({ name: variables[field as Name] ?? field, message })),
      );
    }
  }

  /** Where the gateway is, also while keys are still missing; `undefined` if that much is wrong. */
  gatewayOrigin(): string | undefined {
    try {
      const keys = { mid: "doctor", signKey: "none", fieldKey: "n".repeat(32), fieldIv: "n".repeat(16) };
      return createPayApi({
        ...keys,
        environment: this.get("environment") as Environment,
        ...this.#baseUrl(),
      }).origin;
    } catch {
      return undefined;
    }
  }

  /** Who the merchant is, for commands that speak to the ledger alone and need no key. */
  merchant(): LedgerMerchant {
    const problems = [
      ...(this.get("mid") === undefined ? [missing("mid", "the merchant id as issued")] : []),
      ...this.#merchantProblems(),
    ];
    if (problems.length > 0) throw wrongConfiguration(problems);
    return { mid: this.get("mid") ?? "", environment: this.get("environment") as Environment };
  }

  /** What is wrong with the merchant and the environment, by the client's own rules, as if every key were right. */
  #merchantProblems(): readonly Detail[] {
    const named = ["environment", ...(this.get("mid") === undefined ? [] : ["mid"])];
    try {
      createPayApi({
        environment: this.get("environment") as Environment,
        mid: this.get("mid") ?? "",
        signKey: new Secret(this.get("signKey") ?? "none"),
        fieldKey: "n".repeat(32),
        fieldIv: "n".repeat(16),
      });
      return [];
    } catch (error) {
      if (!isPayApiError(error) || error.problems === undefined) throw error;
      return error.problems
        .filter(({ field }) => named.includes(field))
        .map(({ field, message }) => ({ name: variables[field as Name], message }));
    }
  }

  /** The connection string. @throws Failure if it is missing or can be none, or what goes with it is wrong */
  database(): string {
    const database = this.get("database");
    if (database === undefined) throw wrongConfiguration([missing("database", "the ledger's PostgreSQL")]);
    this.tablesOptions();
    return database;
  }

  /** What is wrong with what tells where the ledger's tables are. */
  databaseProblems(): readonly Detail[] {
    const [database, schema, identity] = [
      this.get("database"),
      this.get("schema"),
      this.get("databaseIdentity"),
    ];
    return [
      ...(database === undefined || isConnectionString(database)
        ? []
        : [
            {
              name: variables.database,
              message: "must be a connection string such as postgres://user:password@host:5432/name",
            },
          ]),
      ...(schema === undefined || isSchemaName(schema)
        ? []
        : [
            {
              name: variables.schema,
              message: "must be letters, digits and _, at most 63 of them, not beginning with a digit or pg_",
            },
          ]),
      ...(identity === undefined || identity === "server" || identity === "tables"
        ? []
        : [
            { name: variables.databaseIdentity, message: 'must be "server" or "tables", as the shop has it' },
          ]),
    ];
  }

  /**
   * Where the ledger's tables are and how its database is told from others, as options of the ledger's functions.
   *
   * @throws Failure
   */
  tablesOptions(): { readonly schema?: string; readonly databaseIdentity?: DatabaseIdentity } {
    const problems = this.databaseProblems();
    if (problems.length > 0) throw wrongConfiguration(problems);
    const schema = this.get("schema");
    const databaseIdentity = this.get("databaseIdentity") as DatabaseIdentity | undefined;
    return {
      ...(schema === undefined ? {} : { schema }),
      ...(databaseIdentity === undefined ? {} : { databaseIdentity }),
    };
  }

  /**
   * What billing keys are encrypted under, if it is given, as an option of the ledger's functions.
   *
   * @throws Failure that shows nothing of a secret
   */
  secretsOption(): { readonly secrets?: LedgerSecrets } {
    const [current, previous] = [this.get("secret"), this.#previousSecrets()];
    const asMade = "32 bytes as base64 (44 characters) or hex (64), as `openssl rand -base64 32` makes them";
    const problems = [
      ...(current === undefined || isSecretText(current)
        ? []
        : [{ name: variables.secret, message: `must be ${asMade}` }]),
      ...(previous.every(isSecretText)
        ? []
        : [
            {
              name: variables.previousSecrets,
              message: `must be secrets with commas between them, each ${asMade}`,
            },
          ]),
      ...(current === undefined && previous.length > 0
        ? [missing("secret", `the one that took the place of those in ${variables.previousSecrets}`)]
        : []),
    ];
    if (problems.length > 0) throw wrongConfiguration(problems);
    return current === undefined ? {} : { secrets: { current, previous } };
  }

  /** Whether {@link secretsOption} gives what it is asked for, be it nothing. */
  hasUsableSecrets(): boolean {
    try {
      this.secretsOption();
      return true;
    } catch (error) {
      if (error instanceof Failure) return false;
      throw error;
    }
  }

  /** What is to be said of the journal's folder. @throws Failure if it can never be one */
  journalState(): "not-set" | "not-there" | "there" {
    const folder = this.get("journal");
    if (folder === undefined) return "not-set";
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return "not-there";
    if (!found.isDirectory() || !isWritable(folder)) {
      throw wrongConfiguration([
        { name: variables.journal, message: "must be a folder that this process may write in" },
      ]);
    }
    return "there";
  }

  /**
   * Runs `work` with the ledger, and lets go of it.
   *
   * A journal's folder that is missing is never made, only the shop does that: a mistyped one must not look like a journal with
   * nothing in it.
   */
  async withLedger<T>(merchant: LedgerMerchant, work: (ledger: Ledger) => Promise<T>): Promise<T> {
    const journal = this.get("journal");
    const isKept = this.journalState() === "there";
    const ledger = await openLedger({
      payapi: merchant,
      database: this.database(),
      ...this.tablesOptions(),
      ...this.secretsOption(),
      ...(journal !== undefined && isKept ? { journal } : {}),
    });
    try {
      return await work(ledger);
    } finally {
      await ledger.close();
    }
  }

  #previousSecrets(): readonly string[] {
    const given = this.get("previousSecrets");
    return given === undefined ? [] : given.split(",").map((each) => each.trim());
  }

  #baseUrl(): { readonly baseUrl?: string } {
    const baseUrl = this.get("baseUrl");
    return baseUrl === undefined ? {} : { baseUrl };
  }
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

// The client takes almost any text, such as a path, and then fails in ways that name nothing.
function isConnectionString(text: string): boolean {
  if (/^(socket:|\/)/.test(text)) return true;
  // Of a socket's folder, given as ?host=, no host is named before it.
  return /^postgres(ql)?:\/\//i.test(text) && URL.canParse(text.replace("@/", "@localhost/"));
}

/** What the ledger takes; it cannot say which variable it came from. */
function isSchemaName(text: string): boolean {
  return /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/i.test(text);
}

function missing(name: Name, what: string): Detail {
  return { name: variables[name], message: `is missing: ${what}` };
}

function wrongConfiguration(details: readonly Detail[]): Failure {
  return new Failure(
    exitCodes.configuration,
    "invalid-config",
    {
      en: "The configuration is wrong; nothing was done.",
      ko: "설정이 올바르지 않습니다. 아무것도 실행되지 않았습니다.",
    },
    { details },
  );
}

function readEnvFile(path: string): Record<string, string | undefined> {
  try {
    return parseEnv(readFileSync(path, "utf8"));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unreadable";
    throw new Failure(exitCodes.configuration, "invalid-config", {
      en: `--env-file cannot be read (${code}).`,
      ko: `--env-file을 읽을 수 없습니다 (${code}).`,
    });
  }
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
