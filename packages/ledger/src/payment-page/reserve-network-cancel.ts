import type { CancelRequest, Reservation, ReservedCancel } from "@payapi/core";
import { type LedgerContext, newId } from "../context.js";
import { inAcceptedDatabase, mayHaveLostRows } from "../database-identity/accepted-database.js";
import { LedgerError } from "../errors.js";
import { speakingAttempt } from "../order-view.js";
import type { ApprovalRow, CancelRow } from "../store.js";
import { transitionOf } from "../transitions.js";
import { refused, whyNotNetworkCancelled } from "../why-not.js";

/**
 * Reserves the only cancel that may undo an approval of the payment page whose outcome is unknown, or returns why it can't be
 * reserved. With `dueAt`, only from that time on; with `null`, recovery never looks at the approval again.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveNetworkCancel(
  context: LedgerContext,
  { orderId, actor }: CancelRequest,
  dueAt?: (attempt: ApprovalRow, cancels: readonly CancelRow[]) => Date | null,
): Promise<Reservation<ReservedCancel>> {
  const { mid } = context;
  return inAcceptedDatabase(context, async (tx, database): Promise<Reservation<ReservedCancel>> => {
    const seen = await tx.lockOrder(mid, orderId);
    const reason = whyNotNetworkCancelled(orderId, seen);
    const attempt = speakingAttempt(seen.approvals);
    if (dueAt !== undefined && attempt !== undefined) {
      // A lost row may say that it is a payment, and goods may have been shipped for it: an operator decides.
      const isForOperator = mayHaveLostRows(database, attempt.createdAt);
      const networkCancelAt = reason === undefined && !isForOperator ? dueAt(attempt, seen.cancels) : null;
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
