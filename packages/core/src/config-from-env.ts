import type { Environment, PayApiConfig } from "./config.js";
import { problemsError } from "./errors.js";
import { Secret } from "./secret.js";

const required = [
  "PAYAPI_ENVIRONMENT",
  "PAYAPI_MID",
  "PAYAPI_SIGN_KEY",
  "PAYAPI_FIELD_KEY",
  "PAYAPI_FIELD_IV",
];

/**
 * Reads the options of {@link createPayApi} from `PAYAPI_ENVIRONMENT` (`sandbox`, `test` or `production`), `PAYAPI_MID`, `PAYAPI_SIGN_KEY`,
 * `PAYAPI_FIELD_KEY`, `PAYAPI_FIELD_IV` and, for the sandbox's address, `PAYAPI_URL`. With Node.js, `--env-file=.env` reads them from a file.
 *
 * @param env the variables (default: `process.env`)
 * @throws PayApiError `invalid-config`, which lists all that are missing
 *
 * @example
 * ```ts
 * const payapi = createPayApi(configFromEnv());
 * ```
 */
export function configFromEnv(env: Readonly<Record<string, string | undefined>> = process.env): PayApiConfig {
  const missing = required.filter((name) => (env[name] ?? "") === "");
  if (missing.length > 0) {
    const message = "is missing: set it in the environment, such as by node --env-file=.env";
    const ko = "설정이 없습니다. 환경 변수로 지정하세요(예: node --env-file=.env)";
    throw problemsError(
      "invalid-config",
      missing.map((field) => ({ field, message, ko })),
    );
  }
  const { PAYAPI_ENVIRONMENT, PAYAPI_URL, PAYAPI_MID = "" } = env;
  const { PAYAPI_SIGN_KEY = "", PAYAPI_FIELD_KEY = "", PAYAPI_FIELD_IV = "" } = env;
  return {
    environment: PAYAPI_ENVIRONMENT as Environment,
    ...(PAYAPI_URL ? { baseUrl: PAYAPI_URL } : {}),
    mid: PAYAPI_MID,
    signKey: new Secret(PAYAPI_SIGN_KEY),
    fieldKey: new Secret(PAYAPI_FIELD_KEY),
    fieldIv: new Secret(PAYAPI_FIELD_IV),
  };
}
