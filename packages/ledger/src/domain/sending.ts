import type { CallOutcome, ReservedCancel } from "@payapi/core";
import { LedgerError } from "../errors.js";
import { isLate, nextTryAt, wasRepeatedOut } from "./deadlines.js";
import { factsOf, type SettledFacts } from "./facts.js";
import { type Draft, findCall, transitionOf } from "./order.js";
import { hasMismatch } from "./order-status.js";
import { callOf } from "./reservations.js";
import type { CallRows, CancelCall, OrderRows } from "./rows.js";
import { settleApproval } from "./settle-approval.js";
import { type AlreadyCancelledCodes, settleCancel, verdictOf } from "./settle-cancel.js";

/** Marks a reserved call as sending: from now on its outcome is unknown until a fact arrives. */
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
  throw new LedgerError("may-not-send", "The order needs review: a reply contradicts the ledger");
}

/** Settling such a call as `not-sent` would unlock an order although another process may have sent its first byte. */
export function notYours(): LedgerError {
  return new LedgerError(
    "not-yours",
    "The call is no longer reserved: another sent it or gave it up. Send nothing and settle nothing",
  );
}

/** How recovery ends a silent call. */
export type SilentOutcome = Extract<CallOutcome["outcome"], "not-sent" | "unknown">;

/** A silent call, with the state in which it was last seen. */
export interface SilentCall {
  readonly kind: "approval" | "cancel";
  readonly id: string;
  readonly state: "reserved" | "sending";
}

/** Ends a silent call and returns how; `undefined` if another report had ended it before. */
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
 * Ends the sent calls that recovery would end by now, so that an operator can resolve them before the next run, or without recovery.
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

/** A repeat that may be sent now, with its number. */
export interface Repeat {
  readonly call: ReservedCancel;
  readonly number: number;
}

/** Claims one more repeat, with the amounts of the first call; `undefined` if it is not due, or no repeat is left. */
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
    // No reply could settle such an order, so an operator must. The same applies if the last repeat has no outcome because its process
    // died.
    if (cancel.repeatAt !== null) draft.changeCancel(id, { repeatAt: null });
    return undefined;
  }
  if (cancel.repeatAt === null || cancel.repeatAt > at) return undefined;
  const number = cancel.repeats + 1;
  draft.changeCancel(id, { repeats: number, repeatAt: until });
  return { number, call: callOf(approval, id, cancel, tid) };
}

/** Marks a repeat as sending. A process that paused after its claim may have lost it to another process. */
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
 * Stores the outcome of a repeat. Only a success or "already cancelled" ends the cancel. Another refusal does not prove which of the
 * calls was refused, so the cancel stays unknown and is not repeated again. A repeat that was not sent does not count.
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

/** A net cancel may undo only an unknown approval. Once the approval is known to be paid, an operator decides. */
function undoesPayment({ approval, cancel }: CancelCall): boolean {
  return cancel.netCancel && approval.state !== "unknown";
}

function putOff(draft: Draft, { cancel }: CancelCall, facts: SettledFacts, at: Date): void {
  const { outcome, failureCode } = facts;
  // The caller holds this repeat's number, so the number may be used again.
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
