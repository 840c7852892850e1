import type { Problem } from "./errors.js";
import { shownName } from "./secret.js";

/** The names of all options. The compiler checks that the list is complete and has no others. */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true };

/** The names of a set of options, and where they are documented. */
export interface KnownOptions {
  readonly names: Readonly<Record<string, true>>;
  /** Such as `the README of @payapi/core, "Configuration"`. */
  readonly documented: string;
  /** The option that contains them, for nested options. */
  readonly within?: string;
  /** The noun for messages (default: `option`). */
  readonly what?: string;
}

const mostNamed = 10;

/**
 * Lists unknown option names, since a mistyped option would silently do nothing. The problems contain the names and never a
 * value, which may be a secret.
 *
 * @param given the value that the caller passed; a value that is not an object is a problem too
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
        `is not a known ${what}`,
        suggestion(name, Object.keys(names)),
        isLast && more > 0 ? `, and ${more} more are unknown` : "",
        isLast ? ` (see ${documented})` : "",
      ].join(""),
    };
  });
}

/** Returns whether the value is an object that can have options. */
export function isOptions(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function suggestion(name: string, known: readonly string[]): string {
  // Such a long name is not a typo, and comparing it would take long.
  if (name.length > 40) return "";
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceOf(plain(name), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(name.length, candidate.length) / 3)
    .toSorted((a, b) => a.distance - b.distance);
  return best === undefined ? "" : `; did you mean ${best.candidate}?`;
}

// timeout_ms, TIMEOUT-MS and timeoutMs are the same name.
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** The number of letters to insert, delete, change or swap with a neighbour (optimal string alignment). */
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
