import type { ReservedCall } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { changeOrder } from "./change-order.js";
import { refuseWrongClock } from "./clock-skew.js";
import type { LedgerContext } from "./context.js";

/**
 * Makes durable that the first byte may leave. It is the last moment to stop, so anything but a prompt and certain
 * commit throws, and the caller sends nothing.
 */
export function markSending(context: LedgerContext, call: ReservedCall): Promise<void> {
  return inTimeToSend(context, (checkClock) =>
    changeOrder(
      context,
      call.orderId,
      (at) => {
        checkClock(at);
        return { kind: "mark-sending", call, at, deadlineAt: deadlineFrom(context, at) };
      },
      { onlyIfAccepted: true },
    ),
  );
}

/** Until when the gateway may answer a call whose first byte leaves now. */
export function deadlineFrom({ times }: LedgerContext, at: Date): Date {
  return new Date(at.getTime() + times.callTimeoutMs);
}

/** Runs `mark`, and throws if the process was frozen meanwhile. It gives the ledger's time to `checkClock`. */
export async function inTimeToSend(
  context: LedgerContext,
  mark: (checkClock: (at: Date) => void) => Promise<void>,
): Promise<void> {
  const { times, timers } = context;
  const begun = { monotonic: timers.monotonic(), wall: timers.wall() };
  await mark((at) => refuseWrongClock(context, at, begun.wall));
  // A frozen process or machine shows on one of the two clocks. What was true before the pause may not be any more.
  const paused = Math.max(timers.monotonic() - begun.monotonic, timers.wall() - begun.wall);
  if (paused > times.maxPauseMs) {
    throw new LedgerError("may-not-send", "Making the call durable took too long to send it still");
  }
}
