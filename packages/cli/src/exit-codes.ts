import type { Text } from "./text.js";

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  review: 3,
  configuration: 4,
  unreachable: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit codes of all commands; the README has the same table. */
export const exitCodeTexts: Readonly<Record<ExitCode, Text>> = {
  0: { en: "done", ko: "완료" },
  1: { en: "refused or failed; the outcome is certain", ko: "거절 또는 실패(불확실한 것 없음)" },
  2: { en: "the command line is wrong; nothing was done", ko: "명령줄 오류(실행되지 않음)" },
  3: { en: "the outcome is unknown, or something needs review", ko: "결과 확인 중이거나 확인이 필요함" },
  4: { en: "the configuration is wrong; nothing was done", ko: "설정 오류(실행되지 않음)" },
  5: { en: "gateway or database not reached; nothing was sent", ko: "결제사·DB 연결 실패(전송되지 않음)" },
};
