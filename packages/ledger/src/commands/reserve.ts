import type {
  ApprovalRequest,
  CallOutcome,
  CancelRequest,
  OrderPayment,
  Reservation,
  ReservedApproval,
  ReservedCall,
  ReservedCancel,
} from "@payapi/core";
import { factsOf } from "../domain/facts.js";
import type { DueAt } from "../domain/reservations.js";
import type { Repeat } from "../domain/sending.js";
import { LedgerError } from "../errors.js";
import { AlongRefused } from "../store/limit-rows.js";
import type { DueCall } from "../store/port.js";
import { mayHaveLostRows } from "./accepted-database.js";
import { changeOrder } from "./change-order.js";
import { checkApprovalRequest, checkedCancelRequest } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";
import { alongReservation, refusedAlong } from "./request-guards.js";
import { idsOf, keepTrying, withJournal } from "./settle.js";

const warnFromMs = 60_000;

/**
 * Compares the process's clock, whose time every request carries, with the database's, which counts deadlines.
 *
 * @param at the time of the ledger's clock
 * @param wallBefore the process's time before the transaction began
 * @throws LedgerError `clock-skew`; the message says what to do
 */
export function refuseWrongClock(
  { comparesClocks, timers, times, warnings }: LedgerContext,
  at: Date,
  wallBefore: number,
): void {
  if (!comparesClocks) return;
  const database = at.getTime();
  // The database read its clock between `wallBefore` and now.
  const skewMs = Math.max(wallBefore - database, database - timers.wall());
  if (skewMs < warnFromMs && skewMs <= times.maxSkewMs) return;
  const found = `The clocks of this process and of the ledger's database are ${Math.round(skewMs / 1_000)} s apart`;
  if (skewMs > times.maxSkewMs) {
    throw new LedgerError(
      "clock-skew",
      `${found}. Nothing is sent, since requests would carry a wrong time. Set both clocks with a time server (NTP)`,
    );
  }
  warnings.write("clock-skew", { skewMs: Math.round(skewMs), maxSkewMs: times.maxSkewMs });
}

/** Compares the clocks once, when the ledger opens. */
export async function checkClock(context: LedgerContext): Promise<void> {
  const wallBefore = context.timers.wall();
  await context.store.read(async (tx) => refuseWrongClock(context, context.now(tx), wallBefore));
}

/**
 * Marks a call as sending: makes durable that its first byte may leave. Throws unless the commit is certain and quick; the caller then
 * sends nothing.
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

/** The deadline of a call whose first byte leaves at `at`. */
export function deadlineFrom({ times }: LedgerContext, at: Date): Date {
  return new Date(at.getTime() + times.callTimeoutMs);
}

/** Runs `mark`, which passes the ledger's time to `checkClock`. Throws if the process was paused meanwhile. */
export async function inTimeToSend(
  context: LedgerContext,
  mark: (checkClock: (at: Date) => void) => Promise<void>,
): Promise<void> {
  const { times, timers } = context;
  const begun = { monotonic: timers.monotonic(), wall: timers.wall() };
  await mark((at) => refuseWrongClock(context, at, begun.wall));
  // A paused process or machine shows on one of the two clocks. After a pause, another process may have ended the call.
  const paused = Math.max(timers.monotonic() - begun.monotonic, timers.wall() - begun.wall);
  if (paused > times.maxPauseMs) {
    throw new LedgerError(
      "may-not-send",
      `The call was not sent: marking it as sending took ${Math.round(paused)} ms, and maxPauseMs is ${times.maxPauseMs}`,
    );
  }
}

/**
 * Reserves the order's only active approval, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveApproval(
  context: LedgerContext,
  request: ApprovalRequest,
): Promise<Reservation<ReservedApproval>> {
  checkApprovalRequest(request);
  const { orderId, page, along } = request;
  const ask = page === undefined ? {} : { tids: [page.tid] };
  const id = newId();
  const guards = along && alongReservation(along);
  const reserved = changeOrder(
    context,
    orderId,
    (at) => ({ kind: "reserve-approval", request, newId: id, at }),
    { ask, onlyIfAccepted: true, ...(guards && { along: guards.along, limits: guards.limits }) },
  );
  if (along === undefined || guards === undefined) return reserved;
  return reserved.then(
    (reservation) => {
      const counted = guards.counted();
      if (reservation.status === "refused" || counted === undefined) return reservation;
      return { ...reservation, call: { ...reservation.call, counted } };
    },
    (error: unknown) => {
      throw error instanceof AlongRefused ? refusedAlong(error, along) : error;
    },
  );
}

/**
 * Reserves the payment's only open cancel together with its amount, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveCancel(
  context: LedgerContext,
  given: CancelRequest,
): Promise<Reservation<ReservedCancel>> {
  const request = checkedCancelRequest(given);
  const id = newId();
  const dueAt = context.mayNetCancel ? undefined : () => null;
  return changeOrder(
    context,
    request.orderId,
    (at) => ({ kind: "reserve-cancel", request, newId: id, at, dueAt }),
    { onlyIfAccepted: true },
  );
}

/** As {@link reserveCancel}, for recovery: reserves a net cancel of an unknown approval if one is due. */
export function reserveDueNetCancel(
  context: LedgerContext,
  request: CancelRequest,
  dueAt: DueAt,
): Promise<Reservation<ReservedCancel>> {
  const id = newId();
  return changeOrder(
    context,
    request.orderId,
    (at, { database }) => ({
      kind: "reserve-cancel",
      request: { ...request, netCancel: true },
      newId: id,
      at,
      // A lost row may say that the order was paid, and goods may have been shipped. An operator decides.
      dueAt: (attempt, cancels) =>
        !context.mayNetCancel || database === undefined || mayHaveLostRows(database, attempt.createdAt)
          ? null
          : dueAt(attempt, cancels),
    }),
    { onlyIfAccepted: true },
  );
}

/** Claims one more repeat of an unknown cancel, with the amounts of the first call; `undefined` if another process has claimed it. */
export function claimRepeat(
  context: LedgerContext,
  { id, of: orderId }: DueCall,
): Promise<Repeat | undefined> {
  return changeOrder(
    context,
    orderId,
    (at) => ({ kind: "claim-repeat", id, at, until: endOfRepeat(context, at) }),
    { onlyIfAccepted: true },
  );
}

/** Marks a repeat as sending. Marking may come long after the claim, so it also moves the time of the next repeat. */
export function markRepeat(context: LedgerContext, { call: { id, orderId }, number }: Repeat): Promise<void> {
  return inTimeToSend(context, (checkClock) =>
    changeOrder(
      context,
      orderId,
      (at) => {
        checkClock(at);
        const deadlineAt = deadlineFrom(context, at);
        return { kind: "mark-repeat", id, number, at, deadlineAt, repeatAt: endOfRepeat(context, at) };
      },
      { onlyIfAccepted: true },
    ),
  );
}

function endOfRepeat(context: LedgerContext, at: Date): Date {
  return new Date(deadlineFrom(context, at).getTime() + context.times.sendingGraceMs);
}

/** Settles a repeat. */
export function settleRepeat(
  context: LedgerContext,
  { call, number }: Repeat,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  const { alreadyCancelledCodes: codes } = context;
  const { id, orderId } = call;
  const facts = factsOf(outcome);
  const write = () =>
    changeOrder(context, orderId, (at) => ({ kind: "repeat-outcome", id, number, facts, at, codes }), {
      ask: idsOf(facts),
    });
  // That a repeat was not sent says nothing about the call that it repeats.
  const kept = facts.outcome === "not-sent" ? { ...context, journal: undefined } : context;
  return withJournal(kept, call, facts, (net) => keepTrying(context, () => net.during(write)));
}
