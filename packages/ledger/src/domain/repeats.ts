import type { CallOutcome, ReservedCancel } from "@payapi/core";
import { LedgerError } from "../errors.js";
import type { CancelCall, Draft } from "./order.js";
import { isContradicted } from "./order-status.js";
import type { SettledFacts } from "./reply-facts.js";
import { callOf } from "./reservations.js";
import { nextTryAt, wasRepeatedOut } from "./retry-schedule.js";
import { notYours, refuseContradicted } from "./sending.js";
import { type AlreadyCancelledCodes, settleCancel, verdictOf } from "./settle-cancel.js";
import { findCall, transitionOf } from "./transitions.js";

/** One repeat that may be sent now, and which it is. */
export interface Repeat {
  readonly call: ReservedCancel;
  readonly number: number;
}

/** The right to one more repeat, with the numbers of the first call; `undefined` if it is not due, or never any more. */
export function claimRepeat(
  draft: Draft,
  { id, at, until }: { readonly id: string; readonly at: Date; readonly until: Date },
): Repeat | undefined {
  const { order } = draft;
  const rows = findCancel(draft, id);
  if (rows?.cancel.state !== "unknown") return undefined;
  const { approval, cancel } = rows;
  const tid = cancel.network ? approval.authTid : approval.tid;
  if (isContradicted(order.approvals) || undoesPayment(rows) || tid === null || wasRepeatedOut(cancel)) {
    // Whatever a reply would say about such an order, a person must look at it. So must one whose last repeat was
    // never heard of, since its process died in the middle of it.
    if (cancel.repeatAt !== null) draft.changeCancel(id, { repeatAt: null });
    return undefined;
  }
  if (cancel.repeatAt === null || cancel.repeatAt > at) return undefined;
  const number = cancel.repeats + 1;
  draft.changeCancel(id, { repeats: number, repeatAt: until });
  return { number, call: callOf(approval, id, cancel, tid) };
}

/** Marks a repeat as being sent. Whoever was frozen since its claim has lost it to the next. */
export function markRepeat(
  draft: Draft,
  {
    id,
    number,
    at,
    deadlineAt,
    repeatAt,
  }: {
    readonly id: string;
    readonly number: number;
    readonly at: Date;
    readonly deadlineAt: Date;
    readonly repeatAt: Date;
  },
): undefined {
  const rows = findCancel(draft, id);
  if (rows?.cancel.state !== "unknown" || rows.cancel.repeats !== number) throw notYours();
  refuseContradicted(draft.order);
  if (undoesPayment(rows)) {
    throw new LedgerError("may-not-send", "The approval to undo is known to be a payment by now");
  }
  draft.changeCancel(id, { deadlineAt, repeatAt });
  draft.audit(transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery" }));
}

/**
 * Keeps what came of a repeat. Only a success ends the cancel, or that it is known to be cancelled: that the gateway refuses the
 * second one otherwise does not prove which of the two it refused, so it stays unknown, and is not asked again. A repeat that surely was not sent is none.
 */
export function settleRepeat(
  draft: Draft,
  {
    id,
    number,
    facts,
    at,
    codes,
  }: {
    readonly id: string;
    readonly number: number;
    readonly facts: SettledFacts;
    readonly at: Date;
    readonly codes: AlreadyCancelledCodes;
  },
): void {
  const rows = findCancel(draft, id);
  if (rows === undefined) throw new LedgerError("no-such-call", "The cancel to settle is not in the record");
  const verdict = verdictOf(codes, rows, facts);
  if (verdict === "done" || verdict === "drift") {
    settleCancel(draft, rows, { facts, by: "recovery", at }, codes);
  } else if (rows.cancel.state === "unknown") {
    draft.audit(transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery", facts }));
    if (rows.cancel.repeats === number) putOff(draft, rows, facts.outcome, at);
  }
}

/** A network cancel undoes an approval whose outcome is unknown. Once money is known to have come, an operator decides. */
function undoesPayment({ approval, cancel }: CancelCall): boolean {
  return cancel.network && approval.state !== "unknown";
}

function putOff(draft: Draft, { cancel }: CancelCall, outcome: CallOutcome["outcome"], at: Date): void {
  // Whoever holds the number of this repeat is here, so that it may be given out again.
  const wasSent = outcome !== "not-sent";
  const repeats = wasSent ? cancel.repeats : cancel.repeats - 1;
  const unsentRepeats = wasSent ? cancel.unsentRepeats : cancel.unsentRepeats + 1;
  const tries = { sent: repeats, all: repeats + unsentRepeats };
  const repeatAt = outcome === "refused" ? null : nextTryAt(tries, at);
  draft.changeCancel(cancel.id, { repeats, unsentRepeats, repeatAt });
}

function findCancel(draft: Draft, id: string): CancelCall | undefined {
  const rows = findCall(draft.order, { kind: "cancel", id });
  return rows?.kind === "cancel" ? rows : undefined;
}
