import type { ExitCode } from "./exit-codes.js";
import type { Options, ValuesOf } from "./options.js";
import type { Line } from "./output.js";
import type { Settings } from "./settings.js";
import type { Text } from "./text.js";

/** One command: its help, its parsing and its row in the README derive from this. */
export interface Command {
  readonly name: string;
  readonly summary: Text;
  /** A note for the help. */
  readonly notes: Text;
  readonly forms: readonly Form[];
}

/** One form of a command line. */
export interface Form<Given extends Options = Options> {
  /** The arguments after the command's name: literal ones first, then a `<value>`. */
  readonly args: readonly string[];
  readonly options: Given;
  run(call: Call<Given>): Promise<Report>;
}

/** Keeps the types of a form's options for its `run`. */
export function form<Given extends Options>(typed: Form<Given>): Form {
  return typed as unknown as Form;
}

/** The input of a command. */
export interface Call<Given extends Options = Options> {
  /** The form's `<value>`; empty if it has none. */
  readonly value: string;
  readonly options: ValuesOf<Given>;
  readonly settings: Settings;
  /** The file of variables, if one was given. */
  readonly envFile: string | undefined;
  /** Prints a line at once, beside the result. */
  warn(text: Text): void;
  /**
   * Asks the person at the terminal.
   *
   * @throws Failure with exit code 2 if no person can answer
   */
  confirm(question: Text): Promise<boolean>;
  /**
   * Asks the person at the terminal for a value.
   *
   * @param instead the option that gives the value to a script
   * @throws Failure with exit code 2 if no person can answer
   */
  enter(question: Text, instead: string): Promise<string>;
}

/** The result of a command. */
export interface Report {
  readonly exitCode: ExitCode;
  /** For programs: under `result`. Its keys are stable. */
  readonly result: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly lines: readonly Line[];
  /** Why the exit code is not 0. */
  readonly problem?: { readonly code: string; readonly text: Text } | undefined;
}
