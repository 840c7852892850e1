import { LedgerError } from "../errors.js";
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
