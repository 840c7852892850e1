import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Command, Report } from "./command.js";
import { commands } from "./commands.js";
import { type ExitCode, exitCodes } from "./exit-codes.js";
import { type Failure, failureOf, usage } from "./failure.js";
import { commandHelp, overview } from "./help.js";
import { printable, render, scrub, toJson } from "./output.js";
import { parseCommandLine } from "./parse.js";
import { Settings } from "./settings.js";
import { inLanguage, type Language, type Text } from "./text.js";

/** The process's environment and streams. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Answers questions if it is a terminal. */
  readonly stdin?: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs one command line, without the program's name; resolves to its exit code and never rejects. */
export async function main(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { env, stdout, stderr } = surroundings;
  // If the reader of the output stops reading, a payment in flight must still finish.
  for (const stream of [stdout, stderr]) stream.on("error", () => {});
  // Read before anything can fail, so that a failure has the right form and language.
  const json = args.includes("--json");
  const language = languageOf(args, env);
  let name: string | null = null;
  let secrets: readonly string[] = [];
  try {
    const line = parseCommandLine(args, commands);
    if (line.kind !== "run") {
      stdout.write(line.kind === "version" ? `${version()}\n` : help(line.command, language));
      return exitCodes.ok;
    }
    const { command, form, value, options, envFile } = line;
    name = command.name;
    const settings = new Settings(env, envFile);
    secrets = settings.secrets();
    const warn = (text: Text) => void stderr.write(lines([text[language]], secrets));
    const enter = (question: Text, instead: string) => {
      if (surroundings.stdin?.isTTY === true && !json) return ask(question[language], surroundings);
      throw usage(
        `This must be confirmed: add ${instead}. Nothing was done.`,
        `확인이 필요합니다. ${instead}를 추가하세요. 아무것도 실행되지 않았습니다.`,
      );
    };
    const confirm = async ({ en, ko }: Text) =>
      /^(y|yes|예|네)$/i.test(await enter({ en: `${en} [y/N]`, ko: `${ko} [y/N]` }, "--yes"));
    const report = await form.run({ value, options, settings, envFile, warn, confirm, enter });
    const people = () => lines(render(report.lines, language), secrets);
    stdout.write(json ? `${toJson(reportJson(name, report), secrets)}\n` : people());
    return report.exitCode;
  } catch (error) {
    const failure = failureOf(error);
    if (json) stdout.write(`${toJson(failureJson(name, failure), secrets)}\n`);
    else stderr.write(lines(failureLines(failure, language), secrets));
    return failure.exitCode;
  }
}

/** `--lang`, or the language of the terminal. */
function languageOf(args: readonly string[], { LC_ALL, LC_MESSAGES, LANG }: Surroundings["env"]): Language {
  const given = args.flatMap((arg, at) =>
    arg === "--lang" ? (args[at + 1] ?? []) : (/^--lang=(.*)/.exec(arg)?.[1] ?? []),
  );
  const named = given.at(-1) ?? (LC_ALL || LC_MESSAGES || LANG || "");
  return /^ko(?![a-z])/i.test(named) ? "ko" : "en";
}

async function ask(question: string, { stdin, stderr }: Surroundings): Promise<string> {
  const terminal = createInterface({ input: stdin ?? process.stdin, output: stderr });
  try {
    const answer = new Promise<string>((resolve) => {
      terminal.once("close", () => resolve(""));
      terminal.question(`${printable(question)} `, resolve);
    });
    return (await answer).trim();
  } finally {
    terminal.close();
  }
}

function help(command: Command | undefined, language: Language): string {
  return command === undefined ? overview(commands, language) : commandHelp(command, language);
}

function lines(texts: readonly string[], secrets: readonly string[]): string {
  return texts.map((text) => `${printable(scrub(text, secrets))}\n`).join("");
}

function failureLines({ text, details }: Failure, language: Language): string[] {
  const rest = details.map(({ name, message }) => `  ${name}: ${inLanguage(message, language)}`);
  return [`payapi: ${text[language]}`, ...rest];
}

function reportJson(command: string, { exitCode, result, problem }: Report) {
  const error = problem && { error: { code: problem.code, message: problem.text.en } };
  return { ok: exitCode === exitCodes.ok, command, exitCode, result, ...error };
}

function failureJson(command: string | null, { exitCode, code, text, details, facts }: Failure) {
  const listed = details.map(({ name, message }) => ({ name, message: inLanguage(message, "en") }));
  const error = { code, message: text.en, ...facts, ...(listed.length > 0 ? { details: listed } : {}) };
  return { ok: false, command, exitCode, error };
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (manifest as { version: string }).version;
}
