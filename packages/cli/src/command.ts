import type { Readable } from "node:stream";
import type { ExitCode } from "./exit-codes.js";
import type { Settings } from "./settings.js";
import type { Language, Text } from "./words.js";

/** One option of a command line. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  /** What its value is called in the help. */
  readonly value?: string;
  readonly help: Text;
}

/** One command. */
export interface Command {
  readonly name: string;
  readonly summary: Text;
  /** The command line after `payapi`, one per line. */
  readonly usage: readonly string[];
  /** The most arguments it takes beside its options. */
  readonly arguments: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What else a reader of the help should know. */
  readonly notes: Text;
  run(call: Call): Promise<Report>;
}

/** What a command works with. */
export interface Call {
  /** How the command is called, as {@link Command.usage}. */
  readonly usage: readonly string[];
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly settings: Settings;
  /** The file of variables, if one was given. */
  readonly envFile: string | undefined;
  readonly language: Language;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** The text in the caller's language. */
  say(text: Text): string;
  /** A line for people, at once, beside the result. */
  warn(text: Text): void;
  /** Asks a person at the terminal. */
  ask(question: Text): Promise<string>;
}

/** What a command came to. */
export interface Report {
  readonly exitCode: ExitCode;
  /** For programs: under `result`. Its keys are stable. */
  readonly result: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly lines: readonly string[];
  /** Why the exit code is not 0. */
  readonly problem?: { readonly code: string; readonly text: Text };
}
