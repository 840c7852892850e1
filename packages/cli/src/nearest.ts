import type { Text } from "./text.js";

/** Returns the known name that was probably meant: at most two letters differ, and fewer than half. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const found = names
    .map((name) => ({ name, distance: distanceOf(typed.slice(0, 40), name) }))
    .filter(({ name, distance }) => distance <= 2 && distance * 2 < name.length)
    .toSorted((a, b) => a.distance - b.distance);
  return found[0]?.name;
}

/** The question that follows an error, with a space in front. */
export function suggestion(name: string | undefined): Text {
  if (name === undefined) return { en: "", ko: "" };
  return { en: ` Did you mean ${name}?`, ko: ` ${name}을(를) 찾으셨나요?` };
}

/** Levenshtein's distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
