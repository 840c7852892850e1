import { inLanguage, type Language, type Phrase } from "./text.js";

/** Lines that depend on the language, such as a table. */
export type Block = (language: Language) => readonly string[];

/** A part of the text output. `undefined` and `false` print nothing. */
export type Line = Phrase | Block | undefined | false;

/** The lines in one language. */
export function render(lines: readonly Line[], language: Language): string[] {
  return lines.flatMap((line) => {
    if (line === undefined || line === false) return [];
    return typeof line === "function" ? line(language) : [inLanguage(line, language)];
  });
}

/** Replaces secrets in the output. No command prints one; this is a second protection. */
export function scrub(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, "[redacted]"), text);
}

/**
 * Replaces control characters, and characters that change the direction of writing, by spaces: text from others must not control the
 * terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|\p{Cs}|[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, " ");
}

/** Formats lines of columns, each as wide as its widest cell. */
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

/** Formats names and values, one per line; missing and empty values are left out. */
export function fields(pairs: readonly (readonly [name: Phrase, value: Phrase | undefined])[]): Block {
  return (language) => {
    const rows = pairs.flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[`  ${inLanguage(name, language)}`, value]],
    );
    return table(rows)(language);
  };
}

/** The width of a text in a terminal: Hangul and other wide characters take two columns. */
function widthOf(text: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/;
  return [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

/** Formats JSON: one object, dates as ISO 8601, unknown values as null, so that every key is present. */
export function toJson(value: unknown, secrets: readonly string[]): string {
  const clean = (_: string, each: unknown) =>
    typeof each === "string" ? scrub(each, secrets) : each === undefined ? null : each;
  return JSON.stringify(value, clean, 2);
}
