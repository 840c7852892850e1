import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { PassThrough, type Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@payapi/dev-services/environment";
import type { SandboxMerchant } from "@payapi/sandbox";
import { expect } from "vitest";
import { main } from "../../src/main.js";

const bin = fileURLToPath(new URL("../../bin/payapi.mjs", import.meta.url));

/** A merchant whose keys would be recognised anywhere. */
export const merchant = {
  mid: "canary0001",
  signKey: "canary-sign-key-7d1f0c3b5a",
  fieldKey: "canary-field-key-0123456789abcde",
  fieldIv: "canary-field-iv!",
} as const satisfies SandboxMerchant;

export const card = { cardNumber: "4111111111111111", cardExpireYY: "99", cardExpireMM: "12" } as const;

/** What the shops' billing keys are encrypted under, and were before. */
export const secret = Buffer.from("canary-ledger-secret-0123456789a").toString("base64");
export const previousSecret = Buffer.from("canary-former-secret-0123456789a").toString("base64");

/** Texts that must never be printed. */
const canaries = [
  merchant.signKey,
  createHash("sha256").update(merchant.signKey).digest("hex"),
  merchant.fieldKey,
  merchant.fieldIv,
  card.cardNumber,
  "4111-1111-1111-1111",
  "canary-password",
  secret,
  previousSecret,
];

/** One run of the tool, ended. */
export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What stands on stdout, as JSON. */
  json<Result = unknown, Problem = { readonly code: string }>(): JsonAnswer<Result, Problem>;
}

/** As far as a test looks into it; `result` or `error` may be missing. */
export interface JsonAnswer<Result = unknown, Problem = { readonly code: string }> {
  readonly ok: boolean;
  readonly command: string | null;
  readonly exitCode: number;
  readonly result: Result;
  readonly error: Problem;
}

/** A run that has not ended. */
export interface RunningTool {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<Run>;
}

export type Env = Readonly<Record<string, string | undefined>>;

/** Starts the real program. Its output is searched for secrets when it ends. */
export function start(args: readonly string[], env: Env): RunningTool {
  const child = spawn(process.execPath, [bin, ...args], {
    env: childEnvironment(env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = textOf(child.stdout);
  const stderr = textOf(child.stderr);
  const ended = once(child, "close").then(([code]) => {
    return checked({ code: code as number | null, stdout: stdout(), stderr: stderr() }, env);
  });
  return { child, stderr, ended };
}

/**
 * Runs a command line to its end: in this process, where no other one needs a fifth of a second to start, or by the real program
 * where the variables are Node.js's own.
 */
export async function run(args: readonly string[], env: Env): Promise<Run> {
  if (Object.keys(env).some((name) => name.startsWith("NODE_"))) return start(args, env).ended;
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const [out, err] = [textOf(stdout), textOf(stderr)];
  const code = await main(args, { env, stdout, stderr });
  return checked({ code, stdout: out(), stderr: err() }, env);
}

/** Runs the tool at a terminal at which a person types an answer. */
export async function atTerminal(
  { env }: { readonly env: Env },
  args: readonly string[],
  answer: string,
  more: Env = {},
): Promise<{ readonly code: number; readonly shown: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const shown: string[] = [];
  for (const stream of [stdout, stderr]) stream.setEncoding("utf8").on("data", (text) => shown.push(text));
  stdin.end(answer);
  const terminal = Object.assign(stdin, { isTTY: true });
  const code = await main(args, { env: { ...env, ...more }, stdin: terminal, stdout, stderr });
  return { code, shown: shown.join("") };
}

function textOf(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (more: string) => {
    text += more;
  });
  return () => text;
}

function checked(run: Omit<Run, "json">, env: Env): Run {
  const all = run.stdout + run.stderr;
  expectNoSecrets(all);
  for (const secret of secretsIn(env)) expect(all).not.toContain(secret);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  return { ...run, json: () => JSON.parse(run.stdout) };
}

function secretsIn({ DATABASE_URL = "", LEDGER_SECRET = "", LEDGER_PREVIOUS_SECRETS = "" }: Env): string[] {
  const password = URL.canParse(DATABASE_URL) ? new URL(DATABASE_URL).password : "";
  return [password, LEDGER_SECRET, ...LEDGER_PREVIOUS_SECRETS.split(",")].filter((text) => text !== "");
}

/** No key, no card number, no password, and nothing that could be a signature or a key's hash. */
export function expectNoSecrets(text: string): void {
  for (const canary of canaries) {
    expect(text).not.toContain(canary);
    expect(text).not.toContain(encodeURIComponent(canary));
    expect(text).not.toContain(Buffer.from(canary).toString("base64"));
  }
  expect(text).not.toMatch(/[0-9a-f]{64}/i);
}
