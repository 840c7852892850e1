import type { ReservedCall } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { changeOrder } from "./change-order.js";
import type { LedgerContext } from "./context.js";

const warnFromMs = 60_000;

/**
 * The gateway is told the time of every call by the process, and deadlines are counted by the database.
 *
 * @param at the ledger's clock
 * @param wallBefore the process's clock before the transaction was asked for
 * @throws LedgerError `clock-skew`; the message says what to do
 */
export function refuseWrongClock(
  { comparesClocks, timers, times, warn }: LedgerContext,
  at: Date,
  wallBefore: number,
): void {
  if (!comparesClocks) return;
  const database = at.getTime();
  // The database looked at its clock at some time in between.
  const skewMs = Math.max(wallBefore - database, database - timers.wall());
  if (skewMs < warnFromMs && skewMs <= times.maxSkewMs) return;
  const found = `The clocks of this process and of the ledger's database lie ${Math.round(skewMs / 1_000)} s apart`;
  if (skewMs > times.maxSkewMs) {
    throw new LedgerError(
      "clock-skew",
      `${found}, so calls would be signed with a wrong time: set both by a time server. Nothing is sent until then`,
    );
  }
  warn(
    "clock-skew",
    `${found}: set both by a time server; from ${times.maxSkewMs / 1_000} s on nothing is sent`,
  );
}

/** As {@link refuseWrongClock}, before anything is to be sent. */
export async function checkClock(context: LedgerContext): Promise<void> {
  const wallBefore = context.timers.wall();
  await context.store.read(async (tx) => refuseWrongClock(context, context.now(tx), wallBefore));
}

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
