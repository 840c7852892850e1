/**
 * Resolves when this child of the supervisor should end: on a signal, or when its stdin ends, which happens
 * at the latest when the supervisor itself is gone.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      // A limit, in case closing hangs.
      setTimeout(() => process.exit(1), patienceMs).unref();
      resolve();
    };
    process.once("SIGTERM", stop);
    process.once("SIGINT", stop);
    process.stdin.once("end", stop).once("error", stop).resume();
  });
}

/** How long a child may take to answer requests in flight. */
export const patienceMs = 10_000;
