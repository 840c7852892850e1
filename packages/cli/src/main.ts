import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import type { Readable } from "node:stream";
import type { Call, Command, Report } from "./command.js";
import { commands } from "./commands.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { type Failure, failureOf } from "./failure.js";
import { commandHelp, overview } from "./help.js";
import { printable, scrub, toJson } from "./output.js";
import { parseCommandLine } from "./parse.js";
import { Settings } from "./settings.js";
import type { Language, Text } from "./words.js";

/** What a process gives the tool. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs one command line, without the program's name; resolves to its exit code and never rejects. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stdout, stderr } = surroundings;
  // Whoever reads the output may stop reading; a payment that is under way must not end for that.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  // Told apart before anything can fail, so that a failure is said in the right form.
  const json = args.includes("--json");
  const language: Language = args.some(
    (arg, at) => arg === "--lang=ko" || (arg === "--lang" && args[at + 1] === "ko"),
  )
    ? "ko"
    : "en";
  let name = "";
  let secrets: readonly string[] = [];
  try {
    const line = parseCommandLine(args, commands);
    if (line.kind === "version") {
      stdout.write(`${version()}\n`);
      return exitCodes.ok;
    }
    if (line.kind === "help") {
      stdout.write(
        line.command === undefined ? overview(commands, language) : commandHelp(line.command, language),
      );
      return exitCodes.ok;
    }
    name = line.command.name;
    const settings = new Settings(surroundings.env, line.envFile);
    secrets = settings.secrets();
    const { args: rest, options, envFile } = line;
    const call = {
      usage: line.command.usage,
      args: rest,
      options,
      settings,
      envFile,
      language,
      ...voices(surroundings, language, secrets),
    };
    const report = await line.command.run(call);
    stdout.write(json ? reportJson(name, report, secrets) : lines(report.lines, secrets));
    return report.exitCode;
  } catch (error) {
    const failure = failureOf(error);
    if (json) stdout.write(failureJson(name, failure, secrets));
    else stderr.write(lines(failureLines(failure, language), secrets));
    return failure.exitCode;
  }
}

function voices(
  { stdin, stderr }: Surroundings,
  language: Language,
  secrets: readonly string[],
): Pick<Call, "stdin" | "say" | "warn" | "ask"> {
  const say = (text: Text) => text[language];
  return {
    stdin,
    say,
    warn: (text) => void stderr.write(lines([say(text)], secrets)),
    async ask(question) {
      const terminal = createInterface({ input: stdin, output: stderr });
      try {
        return (await terminal.question(say(question))).trim();
      } finally {
        terminal.close();
      }
    },
  };
}

function lines(texts: readonly string[], secrets: readonly string[]): string {
  return texts.map((text) => `${printable(scrub(text, secrets))}\n`).join("");
}

function failureLines({ text, details }: Failure, language: Language): string[] {
  return [`payapi: ${text[language]}`, ...details.map(({ name, message }) => `  ${name}: ${message}`)];
}

function reportJson(command: string, report: Report, secrets: readonly string[]): string {
  const { exitCode, result, problem } = report;
  const error = problem && { code: problem.code, message: problem.text.en };
  return `${toJson({ ok: exitCode === 0, command, exitCode, result, error }, secrets)}\n`;
}

function failureJson(command: string, failure: Failure, secrets: readonly string[]): string {
  const { exitCode, code, text, details, facts } = failure;
  const error = { code, message: text.en, ...facts, ...(details.length > 0 ? { details } : {}) };
  return `${toJson({ ok: false, command: command || null, exitCode, error }, secrets)}\n`;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}

export type { Command };
