import type { CancelRequest, Reservation, ReservedCancel } from "@payapi/core";
import { type LedgerContext, newId } from "../context.js";
import { LedgerError } from "../errors.js";
import { speakingAttempt } from "../order-view.js";
import type { ApprovalRow, CancelRow } from "../store.js";
import { transitionOf } from "../transitions.js";
import { refused, whyNotNetworkCancelled } from "../why-not.js";

/**
 * The one cancel that may undo an approval of the payment page whose outcome is unknown, or why there is none to have. With
 * `dueAt` only when that is over; until then, or for ever, recovery looks at it no more.
 */
export function reserveNetworkCancel(
  context: LedgerContext,
  { orderId, actor }: CancelRequest,
  dueAt?: (attempt: ApprovalRow, cancels: readonly CancelRow[]) => Date | null,
): Promise<Reservation<ReservedCancel>> {
  const { mid } = context;
  return context.store.transaction(async (tx): Promise<Reservation<ReservedCancel>> => {
    const seen = await tx.lockOrder(mid, orderId);
    const reason = whyNotNetworkCancelled(orderId, seen);
    const attempt = speakingAttempt(seen.approvals);
    if (dueAt !== undefined && attempt !== undefined) {
      const networkCancelAt = reason === undefined ? dueAt(attempt, seen.cancels) : null;
      if (networkCancelAt === null || networkCancelAt > context.now(tx)) {
        await tx.moveApproval(attempt.id, ["unknown"], { state: "unknown", networkCancelAt });
        return refused(orderId, reason ?? "in-progress", seen);
      }
    }
    if (reason !== undefined || attempt === undefined) return refused(orderId, reason ?? "not-paid", seen);
    const id = newId();
    const approval = await tx.holdForNetworkCancel(attempt.id, id);
    const tid = approval?.authTid;
    if (approval === undefined || tid == null) return refused(orderId, "not-paid", seen);
    const earlier = seen.cancels.filter((row) => row.approvalId === approval.id);
    const createdAt = context.now(tx);
    const cancel = await tx.insertCancel({
      id,
      mid,
      approvalId: approval.id,
      seq: (earlier.at(-1)?.seq ?? 0) + 1,
      operation: "payments.cancel",
      network: true,
      cancelPrice: approval.price,
      confirmPrice: 0,
      actor: actor ?? null,
      createdAt,
    });
    if (cancel === undefined) {
      throw new LedgerError("broken-rule", "An approval without an open cancel did not take one");
    }
    await tx.addTransition(
      transitionOf(
        { kind: "cancel", approval, cancel },
        { at: createdAt, from: null, to: "reserved", actor: cancel.actor },
      ),
    );
    const { operation, cancelPrice, confirmPrice } = cancel;
    const { payType } = approval;
    return {
      status: "reserved",
      call: {
        kind: "cancel",
        id,
        orderId,
        operation,
        payType,
        tid,
        cancelPrice,
        confirmPrice,
        network: true,
      },
    };
  });
}
