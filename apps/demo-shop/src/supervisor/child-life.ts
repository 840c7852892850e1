/**
 * Resolves when this child of the supervisor should end: on a signal, or when its stdin ends, which happens
 * at the latest when the supervisor itself is gone.
 */
export function untilTold(): Promise<void> {
  return new Promise((resolve) => {
    const told = () => {
      // A limit, in case closing hangs.
      setTimeout(() => process.exit(1), patienceMs).unref();
      resolve();
    };
    process.once("SIGTERM", told);
    process.once("SIGINT", told);
    process.stdin.once("end", told).once("error", told).resume();
  });
}

/** How long a child may take to answer requests in flight. */
export const patienceMs = 10_000;
