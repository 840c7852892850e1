import type { CallOutcome, OrderPayment, ReservedCancel } from "@payapi/core";
import type { LedgerContext } from "./context.js";
import { inAcceptedDatabase } from "./database-identity/accepted-database.js";
import { LedgerError } from "./errors.js";
import { findCall } from "./find-call.js";
import { inTimeToSend, notYours, refuseContradicted } from "./mark-sending.js";
import { nextTryAt, wasRepeatedOut } from "./next-try.js";
import { isContradicted, viewOrder } from "./order-view.js";
import { factsOf } from "./reply-facts.js";
import { applyReport, keepTrying, retryConflicts, withJournal } from "./settle.js";
import { type CancelRows, verdictOf } from "./settle-cancel.js";
import type { DueCall, LedgerTransaction, OrderRows } from "./store.js";
import { transitionOf } from "./transitions.js";

/** One repeat that may be sent now, and which it is. */
export interface Repeat {
  readonly call: ReservedCancel;
  readonly number: number;
}

/** The right to one more repeat, with the numbers of the first call; `undefined` if somebody else has it. */
export function claimRepeat(context: LedgerContext, due: DueCall): Promise<Repeat | undefined> {
  const { mid, times } = context;
  return inAcceptedDatabase(context, async (tx) => {
    const order = await tx.lockOrder(mid, due.orderId);
    const rows = findCancel(order, due.id);
    if (rows === undefined) return undefined;
    const { approval, cancel } = rows;
    const tid = cancel.network ? approval.authTid : approval.tid;
    if (isContradicted(order.approvals) || undoesPayment(rows) || tid === null || wasRepeatedOut(cancel)) {
      // Whatever a reply would say about such an order, a person must look at it. So must one whose last repeat was
      // never heard of, since its process died in the middle of it.
      await tx.moveCancel(cancel.id, ["unknown"], { state: "unknown", repeatAt: null });
      return undefined;
    }
    const now = context.now(tx);
    const until = new Date(now.getTime() + times.callTimeoutMs + times.sendingGraceMs);
    const claimed = await tx.claimRepeat(cancel.id, { repeats: cancel.repeats, now, until });
    if (claimed === undefined) return undefined;
    const { id, operation, cancelPrice, confirmPrice, network } = cancel;
    const { orderId, payType } = approval;
    const asked = { id, orderId, operation, payType, tid, cancelPrice, confirmPrice };
    return {
      number: claimed.repeats,
      call: { kind: "cancel", ...asked, ...(network ? { network } : {}) },
    };
  });
}

/** Makes durable that the first byte of a repeat may leave. Whoever was frozen since its claim has lost it to the next. */
export function markRepeat(context: LedgerContext, { call, number }: Repeat): Promise<void> {
  return inTimeToSend(context, async (tx) => {
    const order = await tx.lockOrder(context.mid, call.orderId);
    const rows = findCancel(order, call.id);
    if (rows?.cancel.state !== "unknown" || rows.cancel.repeats !== number) throw notYours();
    refuseContradicted(order);
    if (undoesPayment(rows)) {
      throw new LedgerError("may-not-send", "The approval to undo is known to be a payment by now");
    }
    const at = context.now(tx);
    const deadlineAt = new Date(at.getTime() + context.times.callTimeoutMs);
    // Marking may come long after the claim: the next repeat waits for the end of this one all the same.
    const repeatAt = new Date(deadlineAt.getTime() + context.times.sendingGraceMs);
    await tx.moveCancel(call.id, ["unknown"], { state: "unknown", deadlineAt, repeatAt });
    await tx.addTransition(transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery" }));
  });
}

/**
 * Keeps what came of a repeat. Only a success ends the cancel, or that it is known to be cancelled: that the gateway refuses the
 * second one otherwise does not prove which of the two it refused, so it stays unknown, and is not asked again. A repeat that surely was not sent is none.
 */
export function settleRepeat(
  context: LedgerContext,
  { call, number }: Repeat,
  outcome: CallOutcome,
): Promise<OrderPayment> {
  const { mid, store } = context;
  const facts = factsOf(outcome);
  const settleOnce = () =>
    store.transaction(async (tx) => {
      const order = await tx.lockOrder(mid, call.orderId);
      const rows = findCancel(order, call.id);
      if (rows === undefined)
        throw new LedgerError("no-such-call", "The cancel to settle is not in the record");
      const at = context.now(tx);
      const verdict = verdictOf(context, rows.cancel, facts);
      if (verdict === "done" || verdict === "drift") {
        await applyReport(context, tx, order, rows, { facts, by: "recovery", at });
      } else if (rows.cancel.state === "unknown") {
        await tx.addTransition(
          transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery", facts }),
        );
        if (rows.cancel.repeats === number) await putOff(tx, rows, facts.outcome, at);
      }
      const payment = viewOrder(call.orderId, await tx.ordersRows(mid, [call.orderId]));
      if (payment === undefined) throw new LedgerError("broken-rule", "A settled call has no order");
      return payment;
    });
  return withJournal(context, call, facts, (net) =>
    keepTrying(context, () => net.during(() => retryConflicts(settleOnce))),
  );
}

/** Nobody asked for a payment to be given back that is known to be one: what becomes of it is for a person to say. */
function undoesPayment({ approval, cancel }: CancelRows): boolean {
  return cancel.network && approval.state === "approved";
}

async function putOff(
  tx: LedgerTransaction,
  { approval, cancel }: CancelRows,
  outcome: CallOutcome["outcome"],
  at: Date,
): Promise<void> {
  // Whoever holds the number of this repeat is here, so that it may be given out again.
  const repeats = outcome === "not-sent" ? cancel.repeats - 1 : cancel.repeats;
  const lines = await tx.transitions(approval.mid, approval.orderId);
  const unsent = lines.filter(
    (line) => line.cancelId === cancel.id && line.actor === "recovery" && line.outcome === "not-sent",
  ).length;
  const repeatAt = outcome === "refused" ? null : nextTryAt({ sent: repeats, all: repeats + unsent }, at);
  await tx.moveCancel(cancel.id, ["unknown"], { state: "unknown", repeats, repeatAt });
}

function findCancel(order: OrderRows, id: string): CancelRows | undefined {
  const rows = findCall(order, { kind: "cancel", id });
  return rows?.kind === "cancel" ? rows : undefined;
}
