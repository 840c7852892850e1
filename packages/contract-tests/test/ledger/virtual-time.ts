import type { LedgerTimers, WaitOptions } from "@payapi/ledger/internal";

interface Wait {
  readonly ms: number;
  readonly endsAt: number;
  end(): void;
}

/** Time that passes only when a test says so, for the clock and the waits of ledgers. */
export function virtualTime(start = "2026-05-01T00:00:00Z") {
  let now = Date.parse(start);
  let asked = () => {};
  const waits = new Set<Wait>();

  const timers: LedgerTimers = {
    monotonic: () => now,
    wall: () => now,
    wait: (ms: number, { signal }: WaitOptions = {}) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const wait = {
          ms,
          endsAt: now + ms,
          end() {
            waits.delete(wait);
            resolve();
          },
        };
        signal?.addEventListener("abort", () => {
          waits.delete(wait);
          reject(signal.reason);
        });
        waits.add(wait);
        asked();
      }),
  };

  return {
    timers,
    clock: () => new Date(now),
    pass(ms: number): void {
      now += ms;
      for (const wait of [...waits].sort((a, b) => a.endsAt - b.endsAt)) if (wait.endsAt <= now) wait.end();
    },
    /** How many wait. */
    waiting: () => waits.size,
    /** Resolves once a timer of that length is set. */
    async waitedFor(ms: number): Promise<void> {
      while (![...waits].some((wait) => wait.ms === ms && wait.endsAt === now + ms)) {
        await new Promise<void>((resolve) => {
          asked = resolve;
        });
      }
    },
  };
}
