import { setTimeout as wait } from "node:timers/promises";

/** The clocks, the timers and the chance of a process. The simulation replaces them, so that a run depends only on its seed. */
export interface Timers {
  /** A monotonic clock, such as `performance.now()`. */
  readonly monotonic: () => number;
  /** The time of day, such as `Date.now()`. */
  readonly wall: () => number;
  /** Waits, like `setTimeout` of `node:timers/promises`. A wait may outlast its aborted signal. */
  readonly wait: (ms: number, options?: { readonly signal?: AbortSignal | undefined }) => Promise<unknown>;
  /** From 0 up to, and without, 1. */
  readonly random: () => number;
}

/** The real ones. */
export const processTimers: Timers = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  wait: (ms, options) => wait(ms, undefined, options),
  random: () => Math.random(),
};
