import { onTestFinished, vi } from "vitest";

/**
 * Holds every `setTimeout` until {@link pass} lets time pass, so that a deadline passes exactly when a test says so, however
 * slow the machine is. Sockets and `node:timers/promises` keep real time, and so do the test's own time limit and polls.
 */
export function holdTimers(): void {
  hold(["setTimeout", "clearTimeout"]);
}

/** Holds `performance.now()`, and nothing else, until {@link pass} lets time pass. */
export function holdClock(): void {
  hold(["performance"]);
}

/** Advances the held timers by this many milliseconds. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

function hold(toFake: ("setTimeout" | "clearTimeout" | "performance")[]): void {
  vi.useFakeTimers({ toFake });
  onTestFinished(() => void vi.useRealTimers());
}
