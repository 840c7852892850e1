import type { Call } from "./command.js";
import { missingUsage, usage } from "./failure.js";
import { koreanTime } from "./words.js";

/** The text of an option, if it was given. */
export function optional(call: Call, name: string): string | undefined {
  const value = call.options[name];
  if (value === "") throw usage(`--${name} is empty.`, `--${name} 값이 비어 있습니다.`);
  return typeof value === "string" ? value : undefined;
}

/** The text of an option that must be given. */
export function required(call: Call, name: string): string {
  const value = optional(call, name);
  if (value === undefined) throw missingUsage([`--${name}`], call.usage);
  return value;
}

/**
 * That all of these were given, before any of them is read: whoever types a line anew wants to hear at once what it lacks.
 *
 * @param places what the command's words after its name are, in order, such as `release`, `<id>`
 */
export function mustHave(call: Call, places: readonly string[], names: readonly string[]): void {
  const lacking = [
    ...places.filter((_, at) => (call.args[at] ?? "") === ""),
    ...names.filter((name) => optional(call, name) === undefined).map((name) => `--${name}`),
  ];
  if (lacking.length > 0) throw missingUsage(lacking, call.usage);
}

/** An amount of won: digits and nothing else, so that 1,000 and 1e3 are no amounts. */
export function amount(call: Call, name: string, least: 0 | 1): number | undefined {
  const text = optional(call, name);
  if (text === undefined) return undefined;
  const won = /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : -1;
  if (won < least) {
    throw usage(
      `--${name} must be whole won, at least ${least}, digits only.`,
      `--${name}은(는) ${least} 이상의 숫자(원)여야 합니다.`,
    );
  }
  return won;
}

/** As {@link amount}, and it must be given. */
export function requiredAmount(call: Call, name: string, least: 0 | 1): number {
  const won = amount(call, name, least);
  if (won === undefined) throw missingUsage([`--${name}`], call.usage);
  return won;
}

/** The one argument of a command. */
export function argument(call: Call, what: string): string {
  const [value] = call.args;
  if (value === undefined || value === "") throw missingUsage([what], call.usage);
  return value;
}

/** How many, or after which: a whole number from 1. */
export function count(call: Call, name: string, most: number): number | undefined {
  const text = optional(call, name);
  if (text === undefined) return undefined;
  const number = /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) {
    throw usage(
      `--${name} must be a whole number from 1 to ${most}.`,
      `--${name}은(는) 1부터 ${most}까지의 정수여야 합니다.`,
    );
  }
  return number;
}

/** As {@link count}, and it must be given. */
export function requiredCount(call: Call, name: string, most: number): number {
  const number = count(call, name, most);
  if (number === undefined) throw missingUsage([`--${name}`], call.usage);
  return number;
}

/** A moment in Korean time, as a console shows it. */
export function koreanMoment(call: Call, name: string): Date | undefined {
  const text = optional(call, name);
  if (text === undefined) return undefined;
  const moment = new Date(
    /^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(text) ? `${text.replace(" ", "T")}+09:00` : "",
  );
  // 30 February would be taken for a day of March.
  if (!Number.isFinite(moment.getTime()) || !koreanTime(moment).startsWith(text)) {
    throw usage(
      `--${name} must be a moment in Korean time, such as "2026-05-01 09:20".`,
      `--${name}은(는) "2026-05-01 09:20" 같은 한국 시각이어야 합니다.`,
    );
  }
  return moment;
}

/** One of these words. */
export function oneOf<Word extends string>(
  call: Call,
  name: string,
  words: readonly Word[],
): Word | undefined {
  const text = optional(call, name);
  const word = words.find((each) => each === text);
  if (text !== undefined && word === undefined) {
    throw usage(
      `--${name} must be one of ${words.join(", ")}.`,
      `--${name}은(는) ${words.join(", ")} 중 하나여야 합니다.`,
    );
  }
  return word;
}
