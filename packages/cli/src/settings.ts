import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { createPayApi, isPayApiError, type PayApi, type PayApiConfig, Secret } from "@payapi/core";
import { hashSignKey } from "@payapi/core/crypto";
import type { LedgerMerchant } from "@payapi/ledger";
import { exitCodes } from "./exit-codes.js";
import { type Detail, Failure } from "./failure.js";
import type { Text } from "./text.js";

/** Every variable the tool reads. */
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
  midIsShared: "LEDGER_MID_IS_SHARED",
  journal: "LEDGER_JOURNAL",
  secret: "LEDGER_SECRET",
  previousSecrets: "LEDGER_PREVIOUS_SECRETS",
} as const;

export type VariableName = keyof typeof variables;

/** The client's messages about each variable, in Korean. */
const korean: Partial<Readonly<Record<string, string>>> = {
  environment:
    '"sandbox", "test", "production" 중 하나여야 하며, production에서는 NODE_TLS_REJECT_UNAUTHORIZED=0을 사용할 수 없습니다',
  baseUrl:
    "https://127.0.0.1:4010처럼 경로 없는 주소여야 합니다(sandbox는 이 컴퓨터, test와 production은 결제사 주소)",
  mid: "발급된 상점 ID(영문, 숫자 1~10자)여야 하며, 공개된 샌드박스 상점은 sandbox에서만 사용할 수 있습니다",
  signKey: "상점 관리자 화면에서 만든 값이어야 하며 공백이나 줄바꿈이 없어야 합니다",
  fieldKey: "발급된 ASCII 32자를 그대로 사용해야 합니다(16진수로 바꾸지 않음)",
  fieldIv: "발급된 ASCII 16자를 그대로 사용해야 합니다(16진수로 바꾸지 않음)",
};

/** The configuration, from the environment and an optional file. A value is checked when it is needed. */
export class Settings {
  readonly #values: ReadonlyMap<string, string>;

  /** @param envFile its variables count if the environment lacks them */
  constructor(env: Readonly<Record<string, string | undefined>>, envFile?: string) {
    const file = envFile === undefined ? {} : readEnvFile(envFile);
    const names: readonly string[] = Object.values(variables);
    this.#values = new Map(
      [...Object.entries(file), ...Object.entries(env)].flatMap(([name, value]) =>
        names.includes(name) && value !== undefined && value !== "" ? [[name, value]] : [],
      ),
    );
  }

  get(name: VariableName): string | undefined {
    return this.#values.get(variables[name]);
  }

  /** The previous secrets of billing keys. */
  previousSecrets(): readonly string[] {
    return (
      this.get("previousSecrets")
        ?.split(",")
        .map((each) => each.trim()) ?? []
    );
  }

  /** Every text that must never be printed. */
  secrets(): readonly string[] {
    const database = this.get("database");
    const password = database !== undefined && URL.canParse(database) ? new URL(database).password : "";
    const signKey = this.get("signKey");
    const secrets = [
      signKey,
      signKey && hashSignKey(signKey),
      this.get("fieldKey"),
      this.get("fieldIv"),
      database,
      password,
      safelyDecoded(password),
      this.get("secret"),
      ...this.previousSecrets(),
    ];
    // Replacing short texts would remove harmless ones; keys are never that short.
    return secrets.filter((secret): secret is string => secret !== undefined && secret.length >= 6);
  }

  /** Creates the client. @throws Failure that lists all wrong variables */
  payapi(): PayApi {
    const { payapi, problems } = check({
      ...this.#gateway(),
      mid: this.get("mid") ?? "",
      signKey: new Secret(this.get("signKey") ?? ""),
      fieldKey: new Secret(this.get("fieldKey") ?? ""),
      fieldIv: new Secret(this.get("fieldIv") ?? ""),
    });
    if (payapi === undefined) throw wrongConfiguration(problems);
    return payapi;
  }

  /** The gateway's address, even while keys are missing; `undefined` if its own settings are wrong. */
  gatewayOrigin(): string | undefined {
    return check({ ...this.#gateway(), ...placeholders, mid: "doctor" }).payapi?.origin;
  }

  /** The merchant, for commands that only use the ledger and need no key. */
  merchant(): LedgerMerchant {
    const mid = this.get("mid");
    const { environment } = this.#gateway();
    const signKey = new Secret(this.get("signKey") ?? placeholders.signKey);
    const { problems } = check({ ...placeholders, environment, mid: mid ?? "none", signKey });
    const wrong = [
      ...(mid === undefined
        ? [missing("mid", { en: "the merchant id as issued", ko: "발급된 상점 ID" })]
        : []),
      ...problems,
    ];
    if (wrong.length > 0) throw wrongConfiguration(wrong);
    return { mid: mid ?? "", environment };
  }

  #gateway(): Pick<PayApiConfig, "environment" | "baseUrl"> {
    const baseUrl = this.get("baseUrl");
    const environment = this.get("environment") as PayApiConfig["environment"];
    return { environment, ...(baseUrl === undefined ? {} : { baseUrl }) };
  }
}

/** Keys that pass the client's check, for checking only the other settings. */
const placeholders = { signKey: "none", fieldKey: "n".repeat(32), fieldIv: "n".repeat(16) };

function check(config: PayApiConfig): {
  readonly payapi?: PayApi;
  readonly problems: readonly Detail[];
} {
  try {
    return { payapi: createPayApi(config), problems: [] };
  } catch (error) {
    if (!isPayApiError(error) || error.problems === undefined) throw error;
    const problems = error.problems.map(({ field, message, ko = korean[field] ?? message }) => ({
      name: variables[field as VariableName] ?? field,
      message: { en: message, ko },
    }));
    return { problems };
  }
}

export function missing(name: VariableName, what: Text): Detail {
  return {
    name: variables[name],
    message: { en: `is missing: ${what.en}`, ko: `설정이 없습니다(${what.ko})` },
  };
}

export function wrongConfiguration(details: readonly Detail[]): Failure {
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
      ko: `--env-file을 읽을 수 없습니다(${code}).`,
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
