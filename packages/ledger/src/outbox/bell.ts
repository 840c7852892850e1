import type { LedgerTimers } from "../options.js";

/** What a loop sleeps by. */
export interface Bell {
  /** Wakes whoever sleeps; unheard if nobody does. */
  ring(): void;
  /** Until the bell is rung, or for `ms` at most. One at a time. */
  sleep(ms?: number): Promise<void>;
}

export function openBell(timers: LedgerTimers): Bell {
  let wake = () => {};
  return {
    ring: () => wake(),
    sleep: (ms) =>
      new Promise((resolve) => {
        const woken = new AbortController();
        wake = () => {
          resolve();
          woken.abort();
        };
        if (ms === undefined) return;
        const over = () => resolve();
        timers.wait(ms, { signal: woken.signal }).then(over, over);
      }),
  };
}
