import { formatKoreanTime } from "@payapi/core";

/** The languages of the command. */
export type Language = "en" | "ko";

/** A text in both languages. */
export interface Text {
  readonly en: string;
  readonly ko: string;
}

/** A text, or a value that is the same in both languages. */
export type Phrase = string | Text;

export function inLanguage(phrase: Phrase, language: Language): string {
  return typeof phrase === "string" ? phrase : phrase[language];
}

/** Formats a code with its name. English readers also see the Korean name, which the gateway's staff use. */
export function named(code: string, names: Readonly<Record<string, Text>>): Phrase {
  const name = Object.hasOwn(names, code) ? names[code] : undefined;
  return name === undefined ? code : { en: `${name.en} (${name.ko})`, ko: `${name.ko} (${code})` };
}

/** Formats a code, in Korean with its meaning in front. */
export function coded(code: string, names: Readonly<Record<string, Text>>): Phrase {
  const name = Object.hasOwn(names, code) ? names[code] : undefined;
  return name === undefined ? code : { en: name.en, ko: `${name.ko} (${code})` };
}

/** Joins phrases. */
export function joined(phrases: readonly Phrase[], separator: string): Text {
  const join = (language: Language) => phrases.map((each) => inLanguage(each, language)).join(separator);
  return { en: join("en"), ko: join("ko") };
}

/** `15,000 won`. */
export function won(amount: number): Text {
  const digits = String(amount).replace(/\B(?=(\d{3})+$)/g, ",");
  return { en: `${digits} won`, ko: `${digits}원` };
}

/** `2026-05-01 09:00:00`, in Korean time. */
export function koreanTime(moment: Date): string {
  return formatKoreanTime(moment).replace(/(....)(..)(..)(..)(..)(..)/, "$1-$2-$3 $4:$5:$6");
}
