import type { Problem } from "./errors.js";
import { shownName } from "./secret.js";

/** Every name that options may have. The compiler sees to it that none is missing and none is too many. */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true };

/** Options of one kind: their names, and where a person finds them explained. */
export interface KnownOptions {
  readonly names: Readonly<Record<string, true>>;
  /** Such as `the README of @payapi/core, "Configuration"`. */
  readonly documented: string;
  /** The option that holds them, where they are options within an option. */
  readonly within?: string;
  /** What each of them is, `option` unless said. */
  readonly what?: string;
}

const mostNamed = 10;

/**
 * What is wrong with the names of options: one that nobody reads would silently do nothing. Says the names, and never a
 * value, since a secret may stand under a name that is mistyped.
 *
 * @param given whatever the caller passed; also what is no object is a problem
 */
export function optionProblems(
  given: unknown,
  { names, documented, within, what = "option" }: KnownOptions,
): Problem[] {
  if (!isOptions(given)) {
    return [{ field: within ?? "options", message: `must be an object (see ${documented})` }];
  }
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(names, name));
  return unknown.slice(0, mostNamed).map((name, index, named) => {
    const more = unknown.length - named.length;
    const isLast = index === named.length - 1;
    return {
      field: `${within === undefined ? "" : `${within}.`}${shownName(name)}`,
      message: [
        `is no ${what}`,
        suggestion(name, Object.keys(names)),
        isLast && more > 0 ? `, nor are ${more} more` : "",
        isLast ? ` (see ${documented})` : "",
      ].join(""),
    };
  });
}

/** Whether it can hold options at all. */
export function isOptions(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function suggestion(name: string, known: readonly string[]): string {
  // A name that long is nobody's slip, and would take long to compare.
  if (name.length > 40) return "";
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceOf(plain(name), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(name.length, candidate.length) / 3)
    .toSorted((a, b) => a.distance - b.distance);
  return best === undefined ? "" : `; did you mean ${best.candidate}?`;
}

// Whoever writes timeout_ms or TIMEOUT-MS means the same word.
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** How many letters must be put in, taken out, changed or swapped with their neighbour (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (beforeLast[j - 2] ?? changed) + 1 : changed;
      row.push(Math.min(changed, swapped, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
