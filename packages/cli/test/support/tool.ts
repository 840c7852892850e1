import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { SandboxMerchant } from "@payapi/sandbox";
import { expect } from "vitest";

const bin = fileURLToPath(new URL("../../bin/payapi.mjs", import.meta.url));

/** A merchant whose keys would be recognised anywhere. */
export const merchant = {
  mid: "canary0001",
  signKey: "canary-sign-key-7d1f0c3b5a",
  fieldKey: "canary-field-key-0123456789abcde",
  fieldIv: "canary-field-iv!",
} as const satisfies SandboxMerchant;

export const card = { cardNumber: "4111111111111111", cardExpireYY: "30", cardExpireMM: "12" } as const;

/** What must never be printed, whatever happens. */
const canaries = [
  merchant.signKey,
  createHash("sha256").update(merchant.signKey).digest("hex"),
  merchant.fieldKey,
  merchant.fieldIv,
  card.cardNumber,
  "4111-1111-1111-1111",
  "canary-password",
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
export function start(args: readonly string[], env: Env, input = ""): RunningTool {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise<Run>((resolve) =>
    child.once("close", (code) => {
      const json = () => JSON.parse(output.stdout);
      resolve({ code, ...output, json });
    }),
  ).then((run) => {
    expectNoSecrets(run.stdout + run.stderr);
    const { password } = URL.canParse(env.DATABASE_URL ?? "")
      ? new URL(env.DATABASE_URL ?? "")
      : { password: "" };
    if (password !== "") expect(run.stdout + run.stderr).not.toContain(password);
    expect(run.stderr).not.toMatch(/\n\s+at /);
    return run;
  });
  return { child, stderr: () => output.stderr, ended };
}

/** Runs the real program to its end. */
export function run(args: readonly string[], env: Env, input?: string): Promise<Run> {
  return start(args, env, input).ended;
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
