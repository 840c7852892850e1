import type { ReservedCall } from "@payapi/core";
import { refuseWrongClock } from "./clock-skew.js";
import type { LedgerContext } from "./context.js";
import { inAcceptedDatabase } from "./database-identity/accepted-database.js";
import { LedgerError } from "./errors.js";
import { findCall } from "./find-call.js";
import { isContradicted } from "./order-view.js";
import type { LedgerTransaction, OrderRows } from "./store.js";
import { transitionOf } from "./transitions.js";

/**
 * Makes durable that the first byte may leave. It is the last moment to stop, so anything but a prompt and certain
 * commit throws, and the caller sends nothing.
 */
export function markSending(context: LedgerContext, call: ReservedCall): Promise<void> {
  return inTimeToSend(context, async (tx) => {
    const order = await tx.lockOrder(context.mid, call.orderId);
    const rows = findCall(order, call);
    if (rows === undefined) throw new LedgerError("may-not-send", "The call is not in the record");
    const state = rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
    if (state !== "reserved") throw notYours();
    refuseContradicted(order);
    if (rows.kind === "cancel" && rows.cancel.network && rows.approval.state !== "unknown") {
      throw new LedgerError("may-not-send", "It is known by now what became of the approval to undo");
    }
    const at = context.now(tx);
    const change = {
      state: "sending",
      sendingAt: at,
      deadlineAt: new Date(at.getTime() + context.times.callTimeoutMs),
    } as const;
    const moved =
      rows.kind === "approval"
        ? await tx.moveApproval(call.id, ["reserved"], change)
        : await tx.moveCancel(call.id, ["reserved"], change);
    if (moved === undefined) throw notYours();
    const actor = rows.kind === "cancel" ? rows.cancel.actor : null;
    await tx.addTransition(transitionOf(rows, { at, from: "reserved", to: "sending", actor }));
  });
}

export function refuseContradicted({ approvals }: OrderRows): void {
  if (!isContradicted(approvals)) return;
  throw new LedgerError("may-not-send", "The order needs attention: a reply contradicts its record");
}

/** Runs `mark` as a transaction, and throws if the process was frozen meanwhile. */
export async function inTimeToSend(
  context: LedgerContext,
  mark: (tx: LedgerTransaction) => Promise<void>,
): Promise<void> {
  const { times, timers } = context;
  const begun = { monotonic: timers.monotonic(), wall: timers.wall() };
  await inAcceptedDatabase(context, async (tx) => {
    refuseWrongClock(context, tx, begun.wall);
    await mark(tx);
  });
  // A frozen process or machine shows on one of the two clocks. What was true before the pause may not be any more.
  const paused = Math.max(timers.monotonic() - begun.monotonic, timers.wall() - begun.wall);
  if (paused > times.maxPauseMs) {
    throw new LedgerError("may-not-send", "Making the call durable took too long to send it still");
  }
}

/** Whoever settled it as not sent would free an order whose first byte may have left in another's hands. */
export function notYours(): LedgerError {
  return new LedgerError(
    "not-yours",
    "The call is no longer reserved: another sent it or gave it up. Send nothing and settle nothing",
  );
}
