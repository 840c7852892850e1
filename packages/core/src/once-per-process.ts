/**
 * Returns a function that opens something once in this process and then always returns the same. Next.js evaluates a module again
 * for each bundle and after each hot reload, so connections that a module opens by itself would pile up.
 *
 * If `open` fails, the next call tries again. After an edit of `open`, restart the process.
 *
 * @param name the name in this process; the first `open` of a name counts
 *
 * @example
 * ```ts
 * export const getLedger = oncePerProcess("shop.ledger", () => openLedger({ payapi, database }));
 * ```
 */
export function oncePerProcess<T>(name: string, open: () => T | Promise<T>): () => Promise<T> {
  const opened = globalThis as { [key: symbol]: Promise<T> | undefined };
  const key = Symbol.for(`@payapi/core.once-per-process:${name}`);
  return () => {
    opened[key] ??= Promise.resolve()
      .then(open)
      .catch((error: unknown) => {
        opened[key] = undefined;
        throw error;
      });
    return opened[key];
  };
}
