import type { CallOutcome, ReservedCancel } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { isLate, nextTryAt, wasRepeatedOut } from "./deadlines.js";
import { factsOf, type SettledFacts } from "./facts.js";
import { type CallRows, type CancelCall, type Draft, findCall, transitionOf } from "./order.js";
import { hasMismatch } from "./order-status.js";
import { callOf } from "./reservations.js";
import type { OrderRows } from "./rows.js";
import { settleApproval } from "./settle-approval.js";
import { type AlreadyCancelledCodes, settleCancel, verdictOf } from "./settle-cancel.js";

/** Marks a reserved call as being sent: from now on its outcome is unknown until a fact says otherwise. */
export function markSending(
  draft: Draft,
  {
    call,
    at,
    deadlineAt,
  }: {
    readonly call: { readonly kind: "approval" | "cancel"; readonly id: string };
    readonly at: Date;
    readonly deadlineAt: Date;
  },
): undefined {
  const rows = findCall(draft.order, call);
  if (rows === undefined) throw new LedgerError("may-not-send", "The call is not in the record");
  const state = rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
  if (state !== "reserved") throw notYours();
  refuseMismatched(draft.order);
  if (rows.kind === "cancel" && rows.cancel.netCancel && rows.approval.state !== "unknown") {
    throw new LedgerError("may-not-send", "It is known by now what became of the approval to undo");
  }
  const change = { state: "sending", sendingAt: at, deadlineAt } as const;
  if (rows.kind === "approval") draft.changeApproval(call.id, change);
  else draft.changeCancel(call.id, change);
  const actor = rows.kind === "cancel" ? rows.cancel.actor : null;
  draft.audit(transitionOf(rows, { at, from: "reserved", to: "sending", actor }));
}

export function refuseMismatched({ approvals }: OrderRows): void {
  if (!hasMismatch(approvals)) return;
  throw new LedgerError("may-not-send", "The order needs review: a reply contradicts its record");
}

/** Settling such a call as not sent would free an order whose first byte another process may have sent. */
export function notYours(): LedgerError {
  return new LedgerError(
    "not-yours",
    "The call is no longer reserved: another sent it or gave it up. Send nothing and settle nothing",
  );
}

/** How recovery ends a call whose process fell silent. */
export type SilentOutcome = Extract<CallOutcome["outcome"], "not-sent" | "unknown">;

/** A call that was in this state when its process fell silent. */
export interface SilentCall {
  readonly kind: "approval" | "cancel";
  readonly id: string;
  readonly state: "reserved" | "sending";
}

/** Ends a call whose process fell silent, and returns how; `undefined` if another report had ended it already. */
export function endSilentCall(
  draft: Draft,
  { call, outcome, at }: { readonly call: SilentCall; readonly outcome: SilentOutcome; readonly at: Date },
): SilentOutcome | undefined {
  const rows = findCall(draft.order, call);
  if (rows === undefined || stateOf(rows) !== call.state) return undefined;
  const report = { facts: factsOf({ outcome }), by: "recovery", at } as const;
  if (rows.kind === "approval") settleApproval(draft, rows.approval, report);
  else settleCancel(draft, rows, report, []);
  return outcome;
}

/**
 * Ends the sent calls that recovery would end by now: an operator may resolve one before the next run, or where recovery does not run.
 */
export function endSilentCalls(draft: Draft, at: Date, sendingGraceMs: number): void {
  const { approvals, cancels } = draft.order;
  const silentSince = new Date(at.getTime() - sendingGraceMs);
  const end = (kind: SilentCall["kind"], id: string) =>
    endSilentCall(draft, { call: { kind, id, state: "sending" }, outcome: "unknown", at });
  for (const row of approvals) if (isLate(row, silentSince)) end("approval", row.id);
  for (const row of cancels) if (isLate(row, silentSince)) end("cancel", row.id);
}

function stateOf(rows: CallRows): string {
  return rows.kind === "approval" ? rows.approval.state : rows.cancel.state;
}

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
  const tid = cancel.netCancel ? approval.authTid : approval.tid;
  if (hasMismatch(order.approvals) || undoesPayment(rows) || tid === null || wasRepeatedOut(cancel)) {
    // No reply could settle such an order; an operator must. The same goes for an order whose last repeat has no outcome because its
    // process died.
    if (cancel.repeatAt !== null) draft.changeCancel(id, { repeatAt: null });
    return undefined;
  }
  if (cancel.repeatAt === null || cancel.repeatAt > at) return undefined;
  const number = cancel.repeats + 1;
  draft.changeCancel(id, { repeats: number, repeatAt: until });
  return { number, call: callOf(approval, id, cancel, tid) };
}

/** Marks a repeat as being sent. A process that paused since its claim has lost it to the next one. */
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
  refuseMismatched(draft.order);
  if (undoesPayment(rows)) {
    throw new LedgerError("may-not-send", "The approval to undo is known to be a payment by now");
  }
  draft.changeCancel(id, { deadlineAt, repeatAt });
  draft.audit(transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery" }));
}

/**
 * Keeps what came of a repeat. Only a success ends the cancel, or that it is known to be cancelled: that the gateway refuses the
 * second one otherwise does not prove which of the two it refused, so it stays unknown, and is not asked again. A repeat that was not sent does not count.
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
  if (verdict === "done" || verdict === "mismatch") {
    settleCancel(draft, rows, { facts, by: "recovery", at }, codes);
  } else if (rows.cancel.state === "unknown") {
    draft.audit(transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery", facts }));
    if (rows.cancel.repeats === number) putOff(draft, rows, facts, at);
  }
}

/** A net cancel undoes an approval whose outcome is unknown. Once money is known to have come, an operator decides. */
function undoesPayment({ approval, cancel }: CancelCall): boolean {
  return cancel.netCancel && approval.state !== "unknown";
}

function putOff(draft: Draft, { cancel }: CancelCall, facts: SettledFacts, at: Date): void {
  const { outcome, failureCode } = facts;
  // The caller holds this repeat's number, so it may be given out again.
  const wasSent = outcome !== "not-sent";
  const repeats = wasSent ? cancel.repeats : cancel.repeats - 1;
  const unsentRepeats = wasSent ? cancel.unsentRepeats : cancel.unsentRepeats + 1;
  const tries = { sent: repeats, all: repeats + unsentRepeats };
  // A wrong key is mended, and the repeat is due again; any other refusal is an answer about this cancel.
  const isAnswered = outcome === "refused" && failureCode !== "setup-fault";
  const repeatAt = isAnswered ? null : nextTryAt(tries, at);
  draft.changeCancel(cancel.id, { repeats, unsentRepeats, repeatAt });
}

function findCancel(draft: Draft, id: string): CancelCall | undefined {
  const rows = findCall(draft.order, { kind: "cancel", id });
  return rows?.kind === "cancel" ? rows : undefined;
}
