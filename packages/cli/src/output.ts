import { inLanguage, type Language, type Phrase } from "./text.js";

/** Lines of a report that depend on the language they are read in, such as a table. */
export type Block = (language: Language) => readonly string[];

/** A part of what people read. What is `undefined` or `false` prints nothing. */
export type Line = Phrase | Block | undefined | false;

/** The lines in one language. */
export function render(lines: readonly Line[], language: Language): string[] {
  return lines.flatMap((line) => {
    if (line === undefined || line === false) return [];
    return typeof line === "function" ? line(language) : [inLanguage(line, language)];
  });
}

/** Replaces secrets wherever they would be printed: no command prints one, and this is the net below that. */
export function scrub(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}

/**
 * Text that others wrote must not steer the terminal: control characters, and those that change the direction of
 * writing, become spaces.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cs}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** Lines of columns, as wide as their widest cell. */
export function table(rows: readonly (readonly Phrase[])[]): Block {
  return (language) => {
    const clean = rows.map((row) => row.map((cell) => printable(inLanguage(cell, language))));
    const widths = (clean[0] ?? []).map((_, column) =>
      Math.max(...clean.map((row) => widthOf(row[column] ?? ""))),
    );
    const padded = (cell: string, column: number) =>
      cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell)));
    return clean.map((row) => row.map(padded).join("  ").trimEnd());
  };
}

/** Columns of a table: the heading, and the cell of an item. */
export type Columns<Item> = readonly (readonly [heading: Phrase, cell: (item: Item) => Phrase])[];

export function tableOf<Item>(columns: Columns<Item>, items: readonly Item[]): Block {
  const rows = items.map((item) => columns.map(([, cell]) => cell(item)));
  return table([columns.map(([heading]) => heading), ...rows]);
}

/** Names and values below each other; a value that is missing or empty has no line. */
export function fields(pairs: readonly (readonly [name: Phrase, value: Phrase | undefined])[]): Block {
  return (language) => {
    const rows = pairs.flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[`  ${inLanguage(name, language)}`, value]],
    );
    return table(rows)(language);
  };
}

/** Hangul and other wide characters take two columns of a terminal. */
function widthOf(text: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;
  return [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

/** JSON for programs: one object, dates as ISO 8601; what is not known is null, so that every key is there. */
export function toJson(value: unknown, secrets: readonly string[]): string {
  const clean = (_: string, each: unknown) =>
    typeof each === "string" ? scrub(each, secrets) : each === undefined ? null : each;
  return JSON.stringify(value, clean, 2);
}
