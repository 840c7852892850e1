import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { faultKinds } from "./gateway/faults.js";
import { type SandboxMerchant, sandboxMerchant } from "./gateway/merchants.js";
import { type Rules, ruleChoices } from "./gateway/rules.js";
import type { SandboxOptions } from "./sandbox.js";

/** An invalid command line: exit code 2. */
export class UsageError extends Error {}

interface Flag {
  /** The name of its value; `undefined` if it takes none. */
  readonly value?: string;
  readonly help: string;
}

const FLAGS: Readonly<Record<string, Flag>> = {
  port: { value: "number", help: "the port to listen on; 0 selects a free one (default: 4010)" },
  merchants: { value: "file", help: "a JSON list of merchants, instead of the published one" },
  "deposit-url": { value: "url", help: "the URL for notifications of deposits, on this machine" },
  "escrow-url": { value: "url", help: "the URL for notifications of escrow changes, on this machine" },
  help: { help: "this text" },
};

const RULE_HELP: Readonly<Record<keyof Rules, string>> = {
  timestampForm: "the accepted forms of timestamps",
  duplicateOid: "a second approval under one order number",
  repeatedCancel: "the same cancel again: code 01, or success again",
  repeatedApproval: "a second request to P_REQ_URL: the same answer, or a refusal",
  earlyNetCancel: "a net cancel before the approval",
  escrowAcknowledgement: "the expected answer to escrow notifications",
  pageOptions: "the options that each method needs in P_RESERVED",
  returnBy: "how the browser returns to P_NEXT_URL",
  returnMessage: "P_RMESG1 in that return",
};

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const ruleFlags = new Map(
  Object.entries(ruleChoices).map(([name, choices]) => [kebab(name), { name: name as keyof Rules, choices }]),
);

/** Returns the text of `--help`. */
export function helpText(): string {
  const line = (flag: string, help: string) => `  ${flag.padEnd(35)}${help}`;
  const flags = Object.entries(FLAGS).map(([name, { value, help }]) =>
    line(`--${name}${value ? ` <${value}>` : ""}`, help),
  );
  const rules = [...ruleFlags].map(([flag, { name, choices }]) =>
    line(`--${flag} <choice>`, `${RULE_HELP[name]}: ${choices.join(" | ")}`),
  );
  return `payapi-sandbox: the PAYAPI gateway as a local server, all 15 services. No real money moves.

${flags.join("\n")}

Where the gateway's guide is silent, these options select the behaviour; the first choice is the default:
${rules.join("\n")}

The page at /_sandbox shows the book, the requests without secrets and the clock, and has buttons for faults, deposits and
notifications. The same as JSON over HTTP:
  GET    /_sandbox/book, requests, faults, clock, notifications
  POST   /_sandbox/faults                   {"fault":"reset-after-commit","operation":"cards.approve","oid":"o-1","times":1}
  POST   /_sandbox/clock                    {"advanceMs":60000} or {"set":"2026-12-01T00:00:00Z"} or {"frozen":true}
  POST   /_sandbox/mobile-keys              {"price":9900,"issuedAt":"2026-11-01T00:00:00Z"}: a mobile billing key
  POST   /_sandbox/escrow-payments          {"oid":"o-1","price":15000,"payType":"card"}
  POST   /_sandbox/escrow-confirmations     {"tid":"...","how":"automatic"} or "forced"
  POST   /_sandbox/accounts                 {"oid":"o-1","price":15000}: a virtual account of the PC window
  POST   /_sandbox/deposits                 {"tid":"...","price":15000,"payer":"..."}
  POST   /_sandbox/reversals                {"tid":"..."}
  POST   /_sandbox/notifications/addresses  {"depositUrl":"http://127.0.0.1:4001/...","escrowUrl":"...","charset":"euc-kr"}
  POST   /_sandbox/notifications/rules      {"mode":"duplicate"}, or late, reorder, raw, rearranged, padded, untyped, mistyped
  POST   /_sandbox/notifications/resend     {"id":1}
  DELETE /_sandbox/faults, /_sandbox/notifications/rules

Faults: ${faultKinds.join(", ")};
they apply to the operations and to "page.approve" (P_REQ_URL).

Payment links open /p/..., a page with buttons to approve, decline and abandon.

Exit codes: 0 ended by a signal, 1 could not start (such as a busy port), 2 wrong command line.
`;
}

/**
 * Reads a command line.
 * @throws UsageError if the command line is invalid
 */
export function readOptions(args: readonly string[]): SandboxOptions | "help" {
  const values = parse(args[0] === "--" ? args.slice(1) : args);
  if (values.has("help")) return "help";
  return withoutUndefined<SandboxOptions>({
    ...readRules(values),
    port: readPort(values.get("port")),
    merchants: readMerchants(values.get("merchants"), values.get("deposit-url"), values.get("escrow-url")),
  });
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError("--port: a number from 0 to 65535 is needed");
}

function parse(args: readonly string[]): ReadonlyMap<string, string> {
  const names = [
    ...Object.entries(FLAGS).map(([name, { value }]) => [name, value ? "string" : "boolean"] as const),
    ...[...ruleFlags.keys()].map((name) => [name, "string"] as const),
  ];
  try {
    const options = Object.fromEntries(names.map(([name, type]) => [name, { type }]));
    const { values } = parseArgs({ args: [...args], options });
    return new Map(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(
      `${error instanceof Error ? error.message : String(error)} (--help lists the options)`,
    );
  }
}

function readRules(values: ReadonlyMap<string, string>): Partial<Rules> {
  return Object.fromEntries(
    [...ruleFlags].flatMap(([flag, { name, choices }]) => {
      const choice = values.get(flag);
      if (choice === undefined) return [];
      if (!(choices as readonly string[]).includes(choice)) {
        throw new UsageError(`--${flag}: ${choices.map((one) => `"${one}"`).join(" or ")} is needed`);
      }
      return [[name, choice]];
    }),
  );
}

/** Reads the merchants of a file, or returns the published one; the first gets the given notification addresses. */
function readMerchants(
  path: string | undefined,
  depositUrl: string | undefined,
  escrowUrl: string | undefined,
): readonly SandboxMerchant[] | undefined {
  const file = path === undefined ? undefined : readFile(path);
  if (file === undefined && depositUrl === undefined && escrowUrl === undefined) return undefined;
  const [first, ...others] = file === undefined ? [sandboxMerchant] : parseMerchants(file);
  if (!first) throw new UsageError("--merchants: the list is empty");
  return [
    withoutUndefined<SandboxMerchant>({
      ...first,
      depositUrl: depositUrl ?? first.depositUrl,
      escrowUrl: escrowUrl ?? first.escrowUrl,
    }),
    ...others,
  ];
}

function readFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`--merchants: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** Checks only the shape; startSandbox checks the values. */
function parseMerchants(file: string): readonly SandboxMerchant[] {
  const required = ["mid", "signKey", "fieldKey", "fieldIv"];
  try {
    const list: unknown = JSON.parse(file);
    const isMerchant = (one: unknown) =>
      typeof one === "object" &&
      one !== null &&
      required.every((name) => typeof (one as Record<string, unknown>)[name] === "string");
    if (Array.isArray(list) && list.every(isMerchant)) return list as SandboxMerchant[];
  } catch {
    // A syntax error's message would repeat a part of the file, which contains keys.
  }
  throw new UsageError(
    "--merchants: a JSON list of objects with mid, signKey, fieldKey and fieldIv is needed",
  );
}

function withoutUndefined<T extends object>(values: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
