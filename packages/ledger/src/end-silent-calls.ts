import { type LedgerContext, silenceOf } from "./context.js";
import { isLate } from "./late-calls.js";
import { endStaleCall } from "./recover.js";
import { retryConflicts } from "./settle.js";
import type { ApprovalRow, CancelRow, StaleCall } from "./store.js";

/**
 * Ends what `recover()` would end by now of an order's calls that were sent: an operator who reads of one may be faster than the next
 * run, or nobody runs any.
 */
export async function endSilentCalls(context: LedgerContext, orderId: string): Promise<void> {
  const silent = await context.store.read(async (tx): Promise<readonly StaleCall[]> => {
    const { deadlineBefore } = silenceOf(context, context.now(tx));
    const { approvals, cancels } = await tx.ordersRows(context.mid, [orderId]);
    const isSilent = (row: ApprovalRow | CancelRow) => isLate(row, deadlineBefore);
    return [
      ...approvals
        .filter(isSilent)
        .map(({ id }) => ({ kind: "approval", id, orderId, state: "sending" }) as const),
      ...cancels
        .filter(isSilent)
        .map(({ id }) => ({ kind: "cancel", id, orderId, state: "sending" }) as const),
    ];
  });
  for (const call of silent) await retryConflicts(() => endStaleCall(context, call));
}
