import type { Command } from "./command.js";
import { exitCodeTexts } from "./exit-codes.js";
import type { Options } from "./options.js";
import { type Line, render, table } from "./output.js";
import { commonOptions, optionsOf, usageOf } from "./parse.js";
import { variables } from "./settings.js";
import type { Language } from "./text.js";

const exitCodeLines: readonly Line[] = [
  { en: "Exit codes:", ko: "종료 코드:" },
  table(Object.entries(exitCodeTexts).map(([code, text]) => [`  ${code}`, text])),
];

/** `payapi --help`. */
export function overview(commands: readonly Command[], language: Language): string {
  return printed(language, [
    {
      en: "payapi <command> [options]: PAYAPI for operators and support",
      ko: "payapi <명령> [옵션]: 운영자와 고객지원을 위한 PAYAPI 도구",
    },
    "",
    table(commands.map(({ name, summary }) => [`  ${name}`, summary])),
    "",
    { en: "Every command takes:", ko: "공통 옵션:" },
    optionTable(commonOptions),
    "",
    { en: "Configuration, from the environment or --env-file:", ko: "설정(환경 변수 또는 --env-file):" },
    ...Object.values(variables).map((name) => `  ${name}`),
    "",
    ...exitCodeLines,
    "",
    { en: "payapi <command> --help says more.", ko: "자세한 도움말: payapi <명령> --help" },
  ]);
}

/** `payapi <command> --help`. */
export function commandHelp(command: Command, language: Language): string {
  return printed(language, [
    ...command.forms.map((form) => `payapi ${usageOf(command, form)}`),
    "",
    command.summary,
    "",
    optionTable({ ...optionsOf(command), ...commonOptions }),
    "",
    command.notes,
    "",
    ...exitCodeLines,
  ]);
}

function printed(language: Language, lines: readonly Line[]): string {
  return `${render(lines, language).join("\n")}\n`;
}

function optionTable(options: Options) {
  return table(
    Object.entries(options).map(([name, { value, help }]) => [
      value === undefined ? `  --${name}` : `  --${name} ${value}`,
      help,
    ]),
  );
}
