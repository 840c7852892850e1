import { setTimeout as wait } from "node:timers/promises";
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

/** Runs `work`, which is told by the signal it gets that the process was told to end. */
export async function stoppable<T>(call: Call, work: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
    call.warn({
      en: "Ending; calls on their way are waited for.",
      ko: "종료합니다. 전송 중인 요청은 끝까지 기다립니다.",
    });
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await work(stopping.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** Repeats `work` until `stopped`; what is running then is run to its end. */
export async function repeatUntil(
  stopped: AbortSignal,
  everyMs: number,
  work: () => Promise<void>,
): Promise<void> {
  while (!stopped.aborted) {
    await work();
    await wait(everyMs, undefined, { signal: stopped }).catch(() => {}); // it ends early when stopped
  }
}
