import { isAscii } from "./crypto/field-cipher.js";
import { hashSignKey } from "./crypto/signature.js";
import { type Problem, problemsError } from "./errors.js";
import { type FingerprintSecrets, fingerprintKeys, fingerprintProblems } from "./fingerprints.js";
import { operationList } from "./operations/index.js";
import { isOptions, type OptionNames, optionProblems } from "./option-names.js";
import { revealText, Secret } from "./secret.js";
import type { Transport } from "./transport/transport.js";

/** The gateway to use. */
export type Environment = "sandbox" | "test" | "production";

/** The options of {@link createPayApi}. */
export interface PayApiConfig {
  /** The merchant id issued by the gateway, at most 10 characters. */
  readonly mid: string;
  /** The sign key from the merchant admin. */
  readonly signKey: string | Secret;
  /** The field encryption key: the 32 ASCII characters as issued. */
  readonly fieldKey: string | Secret;
  /** The field encryption iv: the 16 ASCII characters as issued. */
  readonly fieldIv: string | Secret;
  /**
   * `sandbox` connects only to this machine, over http or https; `test` and `production` only to the gateway's own
   * hosts. There is no default, so that real money never moves by mistake.
   */
  readonly environment: Environment;
  /** The sandbox's origin (default: `http://127.0.0.1:4010`). In other environments it may only repeat the gateway's origin. */
  readonly baseUrl?: string;
  /** Certificate authorities to trust instead of Node's own, as PEM, such as for a sandbox with its own certificate. */
  readonly ca?: string | readonly string[];
  /** Other paths for operations, by name, such as `{ "payments.cancel": "/cancel/cancel" }`. */
  readonly paths?: Readonly<Record<string, string>>;
  /**
   * The form of the card number that the signature of a billing key's issue covers. Use `ciphertext` only if the gateway told you
   * so (default: `clear`).
   */
  readonly signedCardNumber?: "clear" | "ciphertext";
  /** How often a call that only reads is repeated after it was not sent or answered with 5xx (default: 2). */
  readonly readRetries?: number;
  /**
   * The hosts that may approve a payment of the payment page (P_REQ_URL), such as `["mobile.paywelcome.co.kr"]` (default: every
   * direct subdomain of `paywelcome.co.kr`). Listing your hosts is safer. In the sandbox only its own origin is allowed.
   */
  readonly pageHosts?: readonly string[];
  /** The paths below which a payment of the payment page may be approved (P_REQ_URL) (default: `["/smart/"]`). */
  readonly pagePaths?: readonly string[];
  /**
   * Further result codes that prove neither success nor failure, as the gateway told you. They make the outcome `unknown` instead of `refused`,
   * like the success codes of other services (`00`, `0000`, `310000`) (default: none).
   */
  readonly unprovenCodes?: readonly string[];
  /**
   * Further result codes that are about the shop's set-up, as the gateway told you. A buyer then reads that the shop is unavailable, never
   * that a card was declined (default: none; `setupCodes` lists those that are known).
   */
  readonly setupCodes?: readonly string[];
  /**
   * Secrets of the digests under which the ledger keeps idempotency keys, rate limits and notifications: texts of 32 or more characters (default:
   * `{ current: fieldKey }`). Digests under a `previous` one are still recognised. When you renew the field key, name the former
   * one there for a day, or set a `current` of your own, so that repeated requests keep their answers.
   */
  readonly fingerprintSecrets?: FingerprintSecrets;
  /** How requests are sent (default: HTTPS over `node:https`). */
  readonly transport?: Transport;
  /** Milliseconds from the start of a call to its complete reply (default: 60_000). A shorter limit causes more unknown outcomes. */
  readonly timeoutMs?: number;
  /** The clock for timestamps (default: the machine's). */
  readonly now?: () => Date;
}

/** The options that a validated configuration keeps by their names. */
type KeptOption =
  | ("mid" | "environment" | "paths" | "timeoutMs" | "signedCardNumber" | "readRetries")
  | ("pagePaths" | "unprovenCodes" | "setupCodes" | "now");

/** A validated configuration. */
export interface CheckedConfig extends Required<Pick<PayApiConfig, KeptOption>> {
  readonly mkey: Secret;
  readonly fieldKeys: () => { readonly key: string; readonly iv: string };
  /** The keys of digests, the current one first. */
  readonly fingerprintKeys: readonly [Secret, ...Secret[]];
  readonly origin: string;
  readonly ca: PayApiConfig["ca"] | undefined;
  readonly pageHosts: PayApiConfig["pageHosts"] | undefined;
}

const gatewayOrigins = {
  test: "https://tpayapi.paywelcome.co.kr",
  production: "https://payapi.paywelcome.co.kr",
} as const;

const known = {
  names: {
    mid: true,
    signKey: true,
    fieldKey: true,
    fieldIv: true,
    environment: true,
    baseUrl: true,
    ca: true,
    paths: true,
    signedCardNumber: true,
    readRetries: true,
    pageHosts: true,
    pagePaths: true,
    unprovenCodes: true,
    setupCodes: true,
    fingerprintSecrets: true,
    transport: true,
    timeoutMs: true,
    now: true,
  } satisfies OptionNames<PayApiConfig>,
  documented: 'the README of @payapi/core, "Configuration"',
};

const resultCode = [/^[A-Za-z0-9_-]{1,20}$/, 'result codes such as "0001"'] as const;
const textLists = [
  [
    "pageHosts",
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'host names in lower case, such as "mobile.paywelcome.co.kr"',
  ],
  ["pagePaths", /^\/(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)+$/, 'paths such as "/smart/"'],
  ["unprovenCodes", ...resultCode],
  ["setupCodes", ...resultCode],
] as const;

const defaultSandboxOrigin = "http://127.0.0.1:4010";

// The published sandbox merchant; only the hash of its sign key is kept here.
const sandboxMerchant = {
  mid: "sandbox001",
  mkey: "b3cf4819bffb12ee8186f00dc46235314491e49c4173783fdc5d481957b65094",
};

/**
 * Validates a configuration.
 *
 * @throws PayApiError `invalid-config`, which lists all problems; they name the fields and never contain their values
 */
export function checkConfig(config: PayApiConfig): CheckedConfig {
  const problems: Problem[] = optionProblems(config, known);
  if (!isOptions(config)) throw problemsError("invalid-config", problems);
  const report = (field: string, message: string): void => {
    problems.push({ field, message });
  };
  const environment = config.environment;
  // What depends on the environment is checked only if it is known.
  const isKnown = environment === "sandbox" || environment === "test" || environment === "production";
  if (!isKnown) {
    report("environment", 'must be "sandbox", "test" or "production"');
  }
  if (typeof config.mid !== "string" || !/^[A-Za-z0-9_-]{1,10}$/.test(config.mid)) {
    report("mid", "must be the merchant id as issued: 1 to 10 letters or digits");
  }
  const signKey = revealText(config.signKey);
  if (signKey === undefined || signKey === "") {
    report("signKey", "is missing; create it in the merchant admin");
  } else if (/\s/.test(signKey)) {
    report("signKey", "contains white space; copy it without line breaks and spaces");
  }
  const key = revealText(config.fieldKey);
  if (!isAscii(key, 32)) report("fieldKey", lengthMessage(key, 32));
  const iv = revealText(config.fieldIv);
  if (!isAscii(iv, 16)) report("fieldIv", lengthMessage(iv, 16));
  const origin = isKnown ? checkedOrigin(config, report) : "";
  const timeoutMs = config.timeoutMs ?? 60_000;
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 600_000) {
    report("timeoutMs", "must be a whole number of milliseconds from 1 to 600000");
  }
  const readRetries = config.readRetries ?? 2;
  if (!Number.isSafeInteger(readRetries) || readRetries < 0 || readRetries > 10) {
    report("readRetries", "must be a whole number from 0 to 10");
  }
  const signedCardNumber = config.signedCardNumber ?? "clear";
  if (signedCardNumber !== "clear" && signedCardNumber !== "ciphertext") {
    report("signedCardNumber", 'must be "clear" or "ciphertext"');
  }
  checkPaths(config.paths, report);
  for (const [option, pattern, what] of textLists) {
    const list: unknown = config[option];
    const fine = (text: unknown) => typeof text === "string" && pattern.test(text);
    if (list === undefined) continue;
    if (!Array.isArray(list) || list.length === 0 || !list.every(fine)) report(option, `must list ${what}`);
  }
  problems.push(...fingerprintProblems(config.fingerprintSecrets));
  const mkey = hashSignKey(signKey ?? "");
  if (
    isKnown &&
    environment !== "sandbox" &&
    (config.mid === sandboxMerchant.mid || mkey === sandboxMerchant.mkey)
  ) {
    report("mid", 'is the published sandbox merchant, which works only with environment "sandbox"');
  }
  if (environment === "production" && process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
    report("environment", "NODE_TLS_REJECT_UNAUTHORIZED=0 is set; remove it before taking real money");
  }
  if (problems.length > 0) throw problemsError("invalid-config", problems);
  const fieldKeys = { key: new Secret(key ?? ""), iv: new Secret(iv ?? "") };
  return {
    mid: config.mid,
    mkey: new Secret(mkey),
    fingerprintKeys: fingerprintKeys(config.mid, config.fingerprintSecrets ?? { current: config.fieldKey }),
    fieldKeys: () => ({ key: fieldKeys.key.reveal(), iv: fieldKeys.iv.reveal() }),
    environment,
    origin,
    ca: config.ca,
    paths: { ...config.paths },
    timeoutMs,
    signedCardNumber,
    readRetries,
    pageHosts: config.pageHosts && [...config.pageHosts],
    pagePaths: [...(config.pagePaths ?? ["/smart/"])],
    unprovenCodes: [...(config.unprovenCodes ?? [])],
    setupCodes: [...(config.setupCodes ?? [])],
    now: config.now ?? (() => new Date()),
  };
}

function lengthMessage(value: string | undefined, length: number): string {
  if (value === undefined || value === "")
    return `is missing; it is ${length} ASCII characters, issued by the gateway`;
  const hint = value.length === length * 2 ? "; use it as issued, not in hex" : "";
  return `must be the ${length} ASCII characters as issued, but has ${value.length} characters, or characters outside ASCII${hint}`;
}

function checkedOrigin(config: PayApiConfig, report: (field: string, message: string) => void): string {
  const own = config.environment === "sandbox" ? defaultSandboxOrigin : gatewayOrigins[config.environment];
  if (config.baseUrl === undefined) return own;
  const url = URL.canParse(config.baseUrl) ? new URL(config.baseUrl) : undefined;
  if (!url || url.username || url.password || url.pathname !== "/" || url.search || url.hash) {
    report("baseUrl", "must be an origin such as https://127.0.0.1:4010, without path, query or user");
    return own;
  }
  if (config.environment === "sandbox") {
    const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
    if (!loopback || !/^https?:$/.test(url.protocol)) {
      report(
        "baseUrl",
        'must be http or https on this machine (127.0.0.1, ::1 or localhost) in environment "sandbox"',
      );
    }
  } else if (url.origin !== own) {
    report("baseUrl", `must be ${own} in environment "${config.environment}"`);
  }
  return url.origin;
}

function checkPaths(paths: PayApiConfig["paths"], report: (field: string, message: string) => void): void {
  for (const [name, path] of Object.entries(paths ?? {})) {
    if (!operationList.some((operation) => operation.name === name)) {
      report(`paths.${name}`, "is not the name of an operation");
    } else if (typeof path !== "string" || !/^\/[A-Za-z0-9/._-]*$/.test(path) || path.startsWith("//")) {
      report(`paths.${name}`, "must be a path that starts with one /");
    }
  }
}
