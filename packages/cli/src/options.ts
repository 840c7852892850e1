import { usage } from "./failure.js";
import { koreanTime, type Text } from "./text.js";

/** One option of a command line. */
export interface Option<Value> {
  /** The name of its value in the help; `undefined` for a flag. */
  readonly value?: string;
  readonly help: Text;
  readonly isRequired?: boolean;
  /** @throws Failure that names the option and never repeats what was typed */
  read(text: string, name: string): Value;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** Converts the given text; `undefined` for an optional value that was left out. */
export type ValuesOf<Given extends Options> = {
  readonly [Name in keyof Given]: Given[Name] extends Option<infer Value> ? Value : never;
};

export function text(value: string, help: Text): Option<string | undefined> {
  return { value, help, read: (given) => given };
}

export function flag(help: Text): Option<boolean> {
  return { help, read: () => true };
}

/** A required option. */
export function required<Value>(option: Option<Value>): Option<Exclude<Value, undefined>> {
  return { ...option, isRequired: true } as Option<Exclude<Value, undefined>>;
}

/** A whole number in digits; 1,000 and 1e3 are rejected. */
export function count(
  value: string,
  { least = 1, most }: { readonly least?: 0 | 1; readonly most?: number },
  help: Text,
): Option<number | undefined> {
  return {
    value,
    help,
    read(given, name) {
      const number = /^(0|[1-9]\d{0,14})$/.test(given) ? Number(given) : -1;
      if (number >= least && number <= (most ?? number)) return number;
      throw usage(
        `--${name} must be a whole number of at least ${least}${most === undefined ? "" : ` and at most ${most}`}, digits only.`,
        `--${name} 값은 ${least} 이상${most === undefined ? "" : ` ${most} 이하`}의 정수여야 합니다(숫자만).`,
      );
    },
  };
}

/** A time in Korea, as the gateway's console shows it. */
export function koreanMoment(help: Text): Option<Date | undefined> {
  return {
    value: "TIME",
    help,
    read(given, name) {
      const isWritten = /^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(given);
      const moment = new Date(isWritten ? `${given.replace(" ", "T")}+09:00` : "");
      // `Date` would turn 30 February into a day of March.
      if (Number.isFinite(moment.getTime()) && koreanTime(moment).startsWith(given)) return moment;
      throw usage(
        `--${name} must be a time in Korea, such as "2026-05-01 09:20".`,
        `--${name} 값은 "2026-05-01 09:20" 같은 한국 시각이어야 합니다.`,
      );
    },
  };
}

/** One of a list of values. */
export function oneOf<const Choice extends string>(
  value: string,
  choices: readonly Choice[],
  help: Text,
): Option<Choice | undefined> {
  return {
    value,
    help,
    read(given, name) {
      const choice = choices.find((each) => each === given);
      if (choice !== undefined) return choice;
      const list = choices.join(", ");
      throw usage(`--${name} must be one of ${list}.`, `--${name} 값은 다음 중 하나여야 합니다: ${list}`);
    },
  };
}

/** The name of the operator and the evidence; both are stored permanently. */
export const statement = {
  actor: required(text("NAME", { en: "who states this; kept for ever", ko: "확인한 사람(영구 기록)" })),
  evidence: required(
    text("TEXT", {
      en: "where it was seen; kept for ever, so no card data",
      ko: "확인 근거(영구 기록, 카드정보 금지)",
    }),
  ),
};
