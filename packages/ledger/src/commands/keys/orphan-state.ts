import { isLate } from "../../domain/late-calls.js";
import type { KeyRow, OrphanState } from "../../store/key-rows.js";

/**
 * What may be alive at the gateway though nobody uses it, and nobody is about to end it. An issue past its deadline is as unknown as
 * it will be once `recover()` has said so.
 */
export function orphanStateOf(row: KeyRow, now: Date): OrphanState | undefined {
  if (row.state === "unknown" || isLate(row, now)) return "unknown";
  return isLeft(row, now) ? "deleting" : undefined;
}

/** Stopped, not deleted, and nobody is about to. */
export function isLeft({ state, deletionEndsAt }: KeyRow, now: Date): boolean {
  return state === "deleting" && (deletionEndsAt === null || deletionEndsAt <= now);
}
