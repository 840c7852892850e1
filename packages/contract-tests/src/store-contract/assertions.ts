import assert from "node:assert/strict";
import { inspect } from "node:util";

/**
 * Fails unless everything in `expected` is in `actual` too. What else is in `actual` is the store's own affair.
 *
 * `assert.partialDeepStrictEqual` would say the same, but the oldest Node.js that this package runs on has none.
 */
export function assertMatches(actual: unknown, expected: unknown): void {
  if (!matches(actual, expected)) {
    assert.fail(`Expected ${inspect(expected, { depth: 6 })}\nbut got ${inspect(actual, { depth: 6 })}`);
  }
}

function matches(actual: unknown, expected: unknown): boolean {
  if (expected instanceof Date) return actual instanceof Date && Number(actual) === Number(expected);
  if (typeof expected !== "object" || expected === null) return Object.is(actual, expected);
  if (typeof actual !== "object" || actual === null) return false;
  return Object.entries(expected).every(([name, value]) => matches(Reflect.get(actual, name), value));
}

/** Fails unless the call rejects, with this code if one is given. */
export async function assertRejects(call: () => Promise<unknown>, code?: string): Promise<void> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    if (code !== undefined) assertMatches(error, { code });
    return;
  }
  assert.fail(`Expected an error, but got ${inspect(result, { depth: 6 })}`);
}

/** Repeats a call until its answer is the wanted one: for what must come true when a moment has passed. */
export async function eventually<T>(call: () => Promise<T>, isWanted: (result: T) => boolean): Promise<T> {
  const giveUpAt = performance.now() + 5_000;
  for (;;) {
    const result = await call();
    if (isWanted(result)) return result;
    if (performance.now() > giveUpAt) assert.fail(`It still gives ${inspect(result)} after 5 seconds`);
  }
}

/** `count` calls at once, alternating between two stores. */
export function atOnce<R, T>(
  count: number,
  { store, another }: { readonly store: R; readonly another: R },
  call: (store: R, index: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => call(i % 2 === 0 ? store : another, i)));
}
