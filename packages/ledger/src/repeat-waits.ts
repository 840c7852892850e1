import type { CancelRow } from "./store.js";

/** How long after the one before each repeat of an unknown full cancel comes; there is no fourth. */
export const repeatWaitsMs = [60_000, 5 * 60_000, 30 * 60_000] as const;

/**
 * When a cancel that is unknown from now on may be repeated. A full cancel is bounded by its transaction, so that the same one
 * again gives back no more. A partial one is not: it stays an operator's.
 */
export function firstRepeatAt({ operation, repeats }: CancelRow, at: Date): { repeatAt?: Date } {
  if (operation !== "payments.cancel" || repeats > 0) return {};
  return { repeatAt: new Date(at.getTime() + repeatWaitsMs[0]) };
}
