import { readAmountText } from "./as-meant.js";

/** Returns whether the value is an amount in won: a safe integer above 0. */
export function isAmount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Reads an amount from a reply: a text that {@link readAmountText} reads, or a JSON integer. Returns `undefined` for any other value. */
export function parseAmount(value: unknown): number | undefined {
  if (typeof value === "string") return readAmountText(value);
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
