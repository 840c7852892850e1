import { isContradicted } from "../order-view.js";
import type { ApprovalRow, CancelRow, OrderRows, TransitionRow } from "../store.js";
import type { OrderEventKind } from "./event-types.js";

const movedNothing: readonly TransitionRow["to"][] = ["refused", "not_sent", "settled_not_moved"];

/** What one line of the timeline means to a shop; `undefined` if nothing. The rows are as they are after the transaction. */
export function eventOf(line: TransitionRow, rows: OrderRows): OrderEventKind | undefined {
  const approval = rows.approvals.find(({ id }) => id === line.approvalId);
  if (approval === undefined) return undefined;
  switch (line.what) {
    case "approval":
      return line.from === line.to ? undefined : ofApproval(line, approval, rows);
    case "cancel": {
      const cancel = rows.cancels.find(({ id }) => id === line.cancelId);
      return cancel === undefined || line.from === line.to
        ? undefined
        : ofCancel(line, approval, cancel, rows);
    }
    case "reversal":
      return "reversed";
    case "notification":
      return "needs-attention";
    case "approval-contradiction":
    case "cancel-contradiction":
      return undefined;
  }
}

function ofApproval(
  line: TransitionRow,
  approval: ApprovalRow,
  { approvals }: OrderRows,
): OrderEventKind | undefined {
  switch (line.to) {
    case "approved":
      // Money came for an order that something contradicts: whoever delivers on an approval must not hear of one.
      if (isContradicted(approvals)) return "needs-attention";
      // The network cancel that is open may still give it back. It is told when that one has ended and moved nothing.
      if (approval.openCancel !== null) return undefined;
      return approval.payType === "vbank" ? "deposited" : "approved";
    case "declined":
    case "unknown":
      return line.to;
    case "approved_mismatch":
    case "approved_no_tid":
    case "conflict":
      return "needs-attention";
    case "net_cancelled":
      return "network-cancelled";
    case "awaiting_deposit":
      return "account-issued";
    case "settled_not_moved":
      return "settled";
    case "not_sent":
      return line.from === "unknown" ? "settled" : undefined;
    default:
      return undefined;
  }
}

function ofCancel(
  line: TransitionRow,
  approval: ApprovalRow,
  cancel: CancelRow,
  { approvals }: OrderRows,
): OrderEventKind | undefined {
  // A network cancel of what is no payment: what it means is told by the approval's own line.
  if (cancel.network && approval.state !== "approved" && line.to !== "drift") return undefined;
  if (cancel.network && movedNothing.includes(line.to) && !isContradicted(approvals)) return "approved";
  switch (line.to) {
    case "done":
      return approval.remaining === 0 ? "cancelled" : "partially-cancelled";
    case "drift":
      return "needs-attention";
    case "unknown":
      return "cancel-unknown";
    case "settled_not_moved":
      return "settled";
    case "refused":
    case "not_sent":
      return line.from === "unknown" ? "settled" : undefined;
    default:
      return undefined;
  }
}
