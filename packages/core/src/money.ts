/** Returns whether the value is an amount in won: a safe integer above 0. */
export function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/**
 * Reads an amount from a reply: a string of digits or a JSON integer. Returns `undefined` for any other value, such as `1e3`,
 * ` 1000`, `1,000` or `1000원`.
 */
export function parseAmount(value: unknown): number | undefined {
  if (typeof value === "string" && /^\d{1,16}$/.test(value)) return parseAmount(Number(value));
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
