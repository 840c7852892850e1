import { parseArgs } from "node:util";
import type { Command, Form } from "./command.js";
import { exitCodes } from "./exit-codes.js";
import { Failure, usage } from "./failure.js";
import { nearest, suggestion } from "./nearest.js";
import { flag, type Options, oneOf, text } from "./options.js";

/** Options that every command has. */
export const commonOptions = {
  json: flag({ en: "one JSON object for programs", ko: "프로그램용 JSON 출력" }),
  lang: oneOf("ko|en", ["ko", "en"], {
    en: "the language (default: the terminal's, from LANG)",
    ko: "언어(기본: LANG 설정)",
  }),
  "env-file": text("FILE", {
    en: "read variables that the environment lacks from a file",
    ko: "환경 변수에 없는 값을 파일에서 읽음",
  }),
  help: flag({ en: "this text", ko: "도움말" }),
} satisfies Options;

/** A parsed command line. */
export type CommandLine =
  | { readonly kind: "help"; readonly command: Command | undefined }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly command: Command;
      readonly form: Form;
      readonly value: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly envFile: string | undefined;
    };

/** @throws Failure with exit code 2; it never repeats what was typed, which may be a secret. */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): CommandLine {
  const [first, ...rest] = args[0] === "--" ? args.slice(1) : args;
  const named = (name: string | undefined) => commands.find((each) => each.name === name);
  if (first === "--version") return { kind: "version" };
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    return { kind: "help", command: named(rest[0]) };
  }
  const command = named(first);
  if (command === undefined) {
    const names = commands.map(({ name }) => name);
    const { en, ko } = suggestion(nearest(first, names));
    throw usage(
      `Unknown command.${en} The commands are ${names.join(", ")}.`,
      `없는 명령입니다.${ko} 사용할 수 있는 명령: ${names.join(", ")}`,
    );
  }
  const { given, positionals } = split(command, rest);
  if (given.help === true) return { kind: "help", command };
  const { help: _, json: __, lang, "env-file": envFile, ...own } = given;
  if (typeof lang === "string") commonOptions.lang.read(lang, "lang");
  const form = chooseForm(command, positionals);
  return {
    kind: "run",
    command,
    form,
    value: positionals[form.args.findIndex(isValue)] ?? "",
    options: readOptions(command, form, own, positionals),
    envFile: typeof envFile === "string" ? envFile : undefined,
  };
}

/** How a form is written, without `payapi`. */
export function usageOf({ name }: Command, { args, options }: Form): string {
  const written = Object.entries(options).map(([option, { value, isRequired }]) => {
    const whole = value === undefined ? `--${option}` : `--${option} ${value}`;
    return isRequired === true ? whole : `[${whole}]`;
  });
  return [name, ...args, ...written].join(" ");
}

/** Every option of a command's forms. */
export function optionsOf({ forms }: Command): Options {
  return Object.assign({}, ...forms.map(({ options }) => options)) as Options;
}

function split(command: Command, args: readonly string[]) {
  const known: Options = { ...optionsOf(command), ...commonOptions };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { given: values as Readonly<Record<string, unknown>>, positionals };
  } catch (error) {
    throw notParsed(command, error, args, Object.keys(known));
  }
}

// Node's own message may quote the input.
function notParsed({ name }: Command, error: unknown, args: readonly string[], known: readonly string[]) {
  const names = args.flatMap((arg) => /^--?([A-Za-z][A-Za-z-]*)/.exec(arg)?.[1] ?? []);
  const unknown = names.find((each) => !known.includes(each));
  if (unknown !== undefined && /key|iv$|secret|pass|database|signature|card/i.test(unknown)) {
    return usage(
      `--${unknown} does not exist: no secret is taken from the command line, where others can see it. Put it into the environment or --env-file, and delete it from your shell's history.`,
      `--${unknown} 옵션은 없습니다. 비밀 값은 다른 사용자에게 보이므로 명령줄로 받지 않습니다. 환경 변수나 --env-file을 사용하고 셸 기록에서 지우세요.`,
    );
  }
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    const { en, ko } = suggestion(near === undefined ? undefined : `--${near}`);
    return usage(
      `${name} has no option --${unknown}.${en} See payapi ${name} --help.`,
      `${name} 명령에는 --${unknown} 옵션이 없습니다(payapi ${name} --help).${ko}`,
    );
  }
  const { code = "" } = error as NodeJS.ErrnoException;
  return usage(
    `The options cannot be read (${code}). Does one lack its value? Write a value that begins with "-" as --option=VALUE.`,
    `옵션을 읽을 수 없습니다(${code}). 값이 빠졌는지 확인하세요. "-"로 시작하는 값은 --option=값으로 입력합니다.`,
  );
}

function chooseForm(command: Command, positionals: readonly string[]): Form {
  const verbs = [...new Set(command.forms.flatMap((each) => verbOf(each) ?? []))];
  const verb = verbs.find((each) => each === positionals[0]);
  const forms = formsOf(command, verb);
  const fitting = forms.filter(({ args }) => args.length >= positionals.length);
  const form = fitting.toSorted((a, b) => a.args.length - b.args.length)[0];
  if (form !== undefined) return form;
  if (verb === undefined && verbs.length > 0) {
    const list = verbs.join(", ");
    throw usage(
      `The argument after ${command.name} must be one of ${list}${forms.length > 0 ? ", or left out" : ""}.`,
      `${command.name} 다음 단어는 ${list} 중 하나${forms.length > 0 ? "이거나 없어야 합니다" : "여야 합니다"}.`,
    );
  }
  throw withUsage(command, forms, {
    en: "There are too many arguments.",
    ko: "인수가 너무 많습니다.",
  });
}

/** All that is missing is reported at once, before any value is read. */
function readOptions(
  command: Command,
  form: Form,
  given: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): Readonly<Record<string, unknown>> {
  const written = [command.name, ...form.args].join(" ");
  for (const name of Object.keys(given)) {
    if (name in form.options) continue;
    throw usage(
      `--${name} cannot be used with payapi ${written}.`,
      `${written} 명령에서는 --${name} 옵션을 쓸 수 없습니다.`,
    );
  }
  const missingOf = ({ args, options }: Form) => [
    ...args.filter((arg, at) => isValue(arg) && (positionals[at] ?? "") === ""),
    ...Object.entries(options).flatMap(([name, { isRequired }]) =>
      isRequired === true && given[name] === undefined ? [`--${name}`] : [],
    ),
  ];
  const missing = missingOf(form);
  if (missing.length > 0) {
    const forms = formsOf(command, verbOf(form));
    const list = forms.map((each) => missingOf(each).join(", "));
    throw withUsage(command, forms, {
      en: `${list.join(" or ")} ${missing.length === 1 ? "is" : "are"} missing.`,
      ko: `${list.join(" 또는 ")} 값이 필요합니다.`,
    });
  }
  return Object.fromEntries(
    Object.entries(form.options).map(([name, option]) => {
      const value = given[name];
      if (value === "") throw usage(`--${name} is empty.`, `--${name} 값이 비어 있습니다.`);
      if (option.value === undefined) return [name, value === true];
      return [name, typeof value === "string" ? option.read(value, name) : undefined];
    }),
  );
}

function withUsage(command: Command, forms: readonly Form[], message: { en: string; ko: string }): Failure {
  const details = forms.map((each) => ({ name: "usage", message: `payapi ${usageOf(command, each)}` }));
  return new Failure(exitCodes.usage, "usage", message, { details });
}

/** The argument that distinguishes a form from the other forms of its command, such as `delete`. */
function verbOf({ args }: Form): string | undefined {
  return args.find((arg) => !isValue(arg));
}

function formsOf({ forms }: Command, verb: string | undefined): readonly Form[] {
  return forms.filter((each) => verbOf(each) === verb);
}

function isValue(arg: string): boolean {
  return arg.startsWith("<");
}
