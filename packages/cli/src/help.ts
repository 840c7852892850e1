import type { Command, OptionSpec } from "./command.js";
import { exitCodes } from "./exit-codes.js";
import { table } from "./output.js";
import { commonOptions } from "./parse.js";
import { variables } from "./settings.js";
import type { Language, Text } from "./words.js";

const codeTexts: Readonly<Record<keyof typeof exitCodes, Text>> = {
  ok: { en: "done", ko: "완료" },
  failed: { en: "refused or failed; nothing is uncertain", ko: "거절 또는 실패(불확실한 것 없음)" },
  usage: { en: "the command line is wrong; nothing was done", ko: "명령줄 오류(실행되지 않음)" },
  attention: {
    en: "the outcome is unknown, or somebody must look into it",
    ko: "결과를 알 수 없거나 확인이 필요함",
  },
  configuration: { en: "the configuration is wrong; nothing was done", ko: "설정 오류(실행되지 않음)" },
  unreachable: {
    en: "gateway or database not reached; nothing was sent",
    ko: "결제사 또는 DB에 연결하지 못함(전송되지 않음)",
  },
};

/** `payapi --help`. */
export function overview(commands: readonly Command[], language: Language): string {
  const say = (text: Text) => text[language];
  const lines = [
    say({
      en: "payapi <command> [options]: PAYAPI for operators and support",
      ko: "payapi <명령> [옵션]: 운영자와 고객지원을 위한 PAYAPI 도구",
    }),
    "",
    ...table(commands.map(({ name, summary }) => [`  ${name}`, say(summary)])),
    "",
    say({ en: "Every command takes:", ko: "공통 옵션:" }),
    ...optionLines(commonOptions, language),
    "",
    say({ en: "Configuration, from the environment or --env-file:", ko: "설정(환경 변수 또는 --env-file):" }),
    `  ${Object.values(variables).join(" ")}`,
    "",
    say({ en: "Exit codes:", ko: "종료 코드:" }),
    ...exitCodeLines(language),
    "",
    say({ en: "payapi <command> --help says more.", ko: "payapi <명령> --help로 자세히 볼 수 있습니다." }),
  ];
  return `${lines.join("\n")}\n`;
}

/** `payapi <command> --help`. */
export function commandHelp(command: Command, language: Language): string {
  const say = (text: Text) => text[language];
  const lines = [
    ...command.usage.map((usage) => `payapi ${usage}`),
    "",
    say(command.summary),
    "",
    ...optionLines({ ...command.options, ...commonOptions }, language),
    "",
    say(command.notes),
    "",
    say({ en: "Exit codes:", ko: "종료 코드:" }),
    ...exitCodeLines(language),
  ];
  return `${lines.join("\n")}\n`;
}

function optionLines(options: Readonly<Record<string, OptionSpec>>, language: Language): string[] {
  return table(
    Object.entries(options).map(([name, { value, help }]) => [
      value === undefined ? `  --${name}` : `  --${name} ${value}`,
      help[language],
    ]),
  );
}

function exitCodeLines(language: Language): string[] {
  const names = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  return table(names.map((name) => [`  ${exitCodes[name]}`, codeTexts[name][language]]));
}
