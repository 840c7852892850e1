import { parseArgs } from "node:util";
import type { Command, OptionSpec } from "./command.js";
import { usage } from "./failure.js";

/** Options that every command has. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  json: { type: "boolean", help: { en: "one JSON object for programs", ko: "프로그램용 JSON 출력" } },
  lang: { type: "string", value: "ko|en", help: { en: "the language, en unless said", ko: "언어(기본 en)" } },
  "env-file": {
    type: "string",
    value: "FILE",
    help: {
      en: "read variables from a file where the environment has none",
      ko: "환경 변수를 파일에서 읽음(환경이 우선)",
    },
  },
  help: { type: "boolean", help: { en: "this text", ko: "도움말" } },
};

const argumentCounts = ["no argument", "one argument", "two arguments"];

/** A command line that was understood. */
export type CommandLine =
  | { readonly kind: "help"; readonly command?: Command }
  | { readonly kind: "version" }
  | {
      readonly kind: "run";
      readonly command: Command;
      readonly args: readonly string[];
      readonly options: Readonly<Record<string, string | boolean | undefined>>;
      readonly envFile?: string;
    };

/** @throws Failure with exit code 2; it never repeats what was typed, which may be a secret. */
export function parseCommandLine(args: readonly string[], commands: readonly Command[]): CommandLine {
  const [first, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    const command = commands.find(({ name }) => name === rest[0]);
    return { kind: "help", ...(command && { command }) };
  }
  if (first === "--version") return { kind: "version" };
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) {
    const names = commands.map(({ name }) => name).join(", ");
    throw usage(`The first word must be a command: ${names}.`, `첫 단어는 명령이어야 합니다: ${names}`);
  }
  const { values, positionals } = parse(command, rest);
  if (values.help === true) return { kind: "help", command };
  const { lang, "env-file": envFile, ...options } = values;
  if (lang !== undefined && lang !== "ko" && lang !== "en") {
    throw usage('--lang must be "ko" or "en".', '--lang은 "ko" 또는 "en"이어야 합니다.');
  }
  if (positionals.length > command.arguments) {
    throw usage(
      `${command.name} takes ${argumentCounts[command.arguments] ?? "fewer arguments"} beside its options (--help).`,
      `${command.name} 명령의 인수가 너무 많습니다(--help).`,
    );
  }
  return {
    kind: "run",
    command,
    args: positionals,
    options,
    ...(typeof envFile === "string" ? { envFile } : {}),
  };
}

function parse(command: Command, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...commonOptions }).map(([name, { type }]) => [name, { type }]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw unreadable(command, error, args);
  }
}

// Node's own message may quote what was typed.
function unreadable(command: Command, error: unknown, args: readonly string[]) {
  const known = Object.keys({ ...command.options, ...commonOptions });
  const names = args.flatMap((arg) => /^--?([A-Za-z][A-Za-z-]*)/.exec(arg)?.[1] ?? []);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined && /key|iv$|secret|pass|database|signature|card/i.test(unknown)) {
    return usage(
      `--${unknown} does not exist: no secret is taken from the command line, where others can see it. Put it into the environment or --env-file, and delete it from your shell's history.`,
      `--${unknown} 옵션은 없습니다. 비밀 값은 명령줄로 받지 않습니다. 환경 변수나 --env-file을 사용하고 셸 기록에서 지우세요.`,
    );
  }
  if (unknown !== undefined) {
    return usage(
      `--${unknown} is no option of ${command.name} (--help lists them).`,
      `--${unknown}은(는) ${command.name} 명령의 옵션이 아닙니다(--help 참고).`,
    );
  }
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return usage(
    `The options cannot be read (${code}): does one lack its value? A value that begins with "-" is given as --option=VALUE.`,
    `옵션을 읽을 수 없습니다(${code}). 값이 빠졌는지 확인하세요. "-"로 시작하는 값은 --option=값으로 입력합니다.`,
  );
}
