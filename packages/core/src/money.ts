/** Whether the value is an amount of won above zero that JavaScript holds exactly. */
export function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/**
 * Reads an amount from a reply: a string of digits or a JSON integer. `undefined` for anything else; `1e3`,
 * ` 1000`, `1,000` and `1000원` are no amounts.
 */
export function parseAmount(value: unknown): number | undefined {
  if (typeof value === "string" && /^\d{1,16}$/.test(value)) return parseAmount(Number(value));
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
