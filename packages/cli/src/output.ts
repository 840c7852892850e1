/** Replaces secrets wherever they would be printed: no command prints one, and this is what remains if one ever did. */
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
export function table(rows: readonly (readonly string[])[]): string[] {
  const clean = rows.map((row) => row.map(printable));
  const widths = (clean[0] ?? []).map((_, column) =>
    Math.max(...clean.map((row) => widthOf(row[column] ?? ""))),
  );
  return clean.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd(),
  );
}

/** Names and values below each other; a value that is not there has no line. */
export function fields(pairs: readonly (readonly [name: string, value: string | undefined])[]): string[] {
  const given = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  return table(given.map(([name, value]) => [`  ${name}`, value]));
}

/** Hangul and other wide characters take two columns of a terminal. */
function widthOf(text: string): number {
  return [...text].reduce(
    (sum, character) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
        character,
      )
        ? 2
        : 1),
    0,
  );
}

/** JSON for programs: one object, dates as ISO 8601. */
export function toJson(value: unknown, secrets: readonly string[]): string {
  const clean = (_: string, each: unknown) => (typeof each === "string" ? scrub(each, secrets) : each);
  return JSON.stringify(value, clean, 2);
}
