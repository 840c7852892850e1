import { setTimeout as wait } from "node:timers/promises";
import type { Call } from "./command.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a call that moves money to its end. Ctrl-C only prints a message: ending the process now would leave an unknown outcome.
 */
export function finishing<T>(call: Pick<Call, "warn">, work: () => Promise<T>): Promise<T> {
  const remind = () =>
    call.warn({
      en: "The call is on its way; waiting for its end, so that its outcome is known.",
      ko: "요청이 전송 중입니다. 결과를 확인할 때까지 기다립니다.",
    });
  return whileSignalled(remind, work);
}

/** Runs `work` with a signal that is aborted on SIGINT and SIGTERM. */
export function stoppable<T>(
  call: Pick<Call, "warn">,
  work: (stopped: AbortSignal) => Promise<T>,
): Promise<T> {
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
    call.warn({
      en: "Ending after the calls under way.",
      ko: "종료합니다. 전송 중인 요청은 끝까지 기다립니다.",
    });
  };
  return whileSignalled(stop, () => work(stopping.signal));
}

async function whileSignalled<T>(onSignal: () => void, work: () => Promise<T>): Promise<T> {
  for (const signal of signals) process.on(signal, onSignal);
  try {
    return await work();
  } finally {
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/** Repeats `work` until `stopped`; a running one is finished. */
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
