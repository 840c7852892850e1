import type { CallOutcome, OrderPayment, ReservedCancel } from "@payapi/core";
import { cancelVerdict } from "./cancel-rules.js";
import type { LedgerContext } from "./context.js";
import { LedgerError } from "./errors.js";
import { findCall } from "./find-call.js";
import { inTimeToSend, notYours } from "./mark-sending.js";
import { viewOrder } from "./order-view.js";
import { repeatWaitsMs } from "./repeat-waits.js";
import { factsOf } from "./reply-facts.js";
import { applyReport, keepTrying, retryConflicts, withJournal } from "./settle.js";
import type { CancelRow, DueRepeat, LedgerTransaction, OrderRows } from "./store.js";
import { type CallRows, transitionOf } from "./transitions.js";

/** One repeat that may be sent now, and which it is. */
export interface Repeat {
  readonly call: ReservedCancel;
  readonly number: number;
}

/** The right to one more repeat, with the numbers of the first call; `undefined` if somebody else has it. */
export function claimRepeat(context: LedgerContext, due: DueRepeat): Promise<Repeat | undefined> {
  const { mid, store, times } = context;
  return store.transaction(async (tx) => {
    const rows = findCancel(await tx.lockOrder(mid, due.orderId), due.id);
    if (rows === undefined) return undefined;
    const { approval, cancel } = rows;
    const tid = cancel.network ? approval.authTid : approval.tid;
    if (approval.contradictedAt !== null || tid === null || cancel.repeats >= repeatWaitsMs.length) {
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
    const rows = findCancel(await tx.lockOrder(context.mid, call.orderId), call.id);
    if (rows?.cancel.state !== "unknown" || rows.cancel.repeats !== number) throw notYours();
    if (rows.approval.contradictedAt !== null) {
      throw new LedgerError("may-not-send", "The order needs attention: a reply contradicts its record");
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
 * Keeps what came of a repeat. Only a success ends the cancel: that the gateway refuses the second one does not prove which
 * of the two it refused, so it stays unknown, and is not asked again.
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
      const verdict = cancelVerdict(rows.cancel, facts, false);
      if (verdict === "done" || verdict === "drift") {
        await applyReport(tx, order, rows, { facts, by: "recovery", at });
      } else if (rows.cancel.state === "unknown") {
        await tx.addTransition(
          transitionOf(rows, { at, from: "unknown", to: "unknown", actor: "recovery", facts }),
        );
        if (rows.cancel.repeats === number) await putOff(tx, rows.cancel, verdict === "refused", at);
      }
      const payment = viewOrder(call.orderId, await tx.ordersRows(mid, [call.orderId]));
      if (payment === undefined) throw new LedgerError("broken-rule", "A settled call has no order");
      return payment;
    });
  return withJournal(context, call, facts, (net) =>
    keepTrying(context, () => net.during(() => retryConflicts(settleOnce))),
  );
}

async function putOff(tx: LedgerTransaction, cancel: CancelRow, isLast: boolean, at: Date): Promise<void> {
  const wait = isLast ? undefined : repeatWaitsMs[cancel.repeats];
  const repeatAt = wait === undefined ? null : new Date(at.getTime() + wait);
  await tx.moveCancel(cancel.id, ["unknown"], { state: "unknown", repeatAt });
}

function findCancel(order: OrderRows, id: string): Extract<CallRows, { kind: "cancel" }> | undefined {
  const rows = findCall(order, { kind: "cancel", id });
  return rows?.kind === "cancel" ? rows : undefined;
}
