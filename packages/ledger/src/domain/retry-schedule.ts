import type { CancelRow } from "./rows.js";

/** How often `recover()` has tried to end one thing at the gateway. */
export interface Tries {
  /** Tries that may have reached the gateway. */
  readonly sent: number;
  /** Those that surely did not among them. */
  readonly all: number;
}

/** A gateway that was not reached has not answered anything: such tries do not count as sent, but have an end too. */
const most: Tries = { sent: 3, all: 10 };

/** How long after the one before each try comes; the last wait is that of all later ones. */
const waitsMs = [60_000, 5 * 60_000, 30 * 60_000] as const;

/** When the next try may come, with the `wait`-th pause after `at`; `null` when there is none any more. */
export function nextTryAt({ sent, all }: Tries, at: Date, wait = all): Date | null {
  if (sent >= most.sent || all >= most.all) return null;
  return new Date(at.getTime() + (waitsMs[wait] ?? waitsMs[2]));
}

/**
 * When a cancel that is unknown from now on may be repeated. A full cancel is bounded by its transaction, so that the same one
 * again gives back no more. A partial one is not: it stays an operator's.
 */
export function firstRepeatAt({ operation, repeats }: CancelRow, at: Date): { repeatAt?: Date | null } {
  if (operation !== "payments.cancel" || repeats > 0) return {};
  return { repeatAt: nextTryAt({ sent: 0, all: 0 }, at) };
}

/** Whether every identical repeat there may be was sent, or is about to be. */
export function wasRepeatedOut({ repeats }: Pick<CancelRow, "repeats">): boolean {
  return repeats >= most.sent;
}
