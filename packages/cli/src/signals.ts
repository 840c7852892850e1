import type { Call } from "./command.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a call that moves money to its end. Whoever presses Ctrl-C meanwhile is told to wait: a process that ends now
 * would leave an outcome that nobody knows.
 */
export async function finishing<T>(call: Call, work: () => Promise<T>): Promise<T> {
  const wait = () =>
    call.warn({
      en: "The call is on its way; waiting for its end, so that its outcome is known.",
      ko: "요청이 전송 중입니다. 결과를 확인할 때까지 기다립니다.",
    });
  for (const signal of signals) process.on(signal, wait);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, wait);
  }
}

/** Repeats `work` until a signal says to end; what is running then is run to its end. */
export async function untilStopped(everyMs: number, work: () => Promise<void>): Promise<void> {
  let stopped = false;
  let wake = () => {};
  const stop = () => {
    stopped = true;
    wake();
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    while (!stopped) {
      await work();
      if (stopped) break;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
