import type { RefusedReason } from "@payapi/core";
import { speakingAttempt, viewOrder } from "./order-view.js";
import type { OrderRows } from "./store.js";

/** Why an order may not be charged now. */
export function whyNotApproved(orderId: string, rows: OrderRows): RefusedReason | undefined {
  switch (viewOrder(orderId, rows)?.status) {
    case undefined:
    case "declined":
    case "not-sent":
    case "network-cancelled":
    case "awaiting-deposit":
      return undefined;
    case "paid":
    case "partially-cancelled":
      return "already-paid";
    case "cancelled":
      return "already-cancelled";
    case "in-progress":
      return "in-progress";
    case "unknown":
      return "outcome-unknown";
    case "needs-attention":
      return "needs-attention";
  }
}

/** Why nothing may be given back now. */
export function whyNotCancelled(orderId: string, rows: OrderRows): RefusedReason | undefined {
  switch (viewOrder(orderId, rows)?.status) {
    case undefined:
    case "declined":
    case "not-sent":
    case "network-cancelled":
    case "awaiting-deposit":
      return "not-paid";
    case "paid":
    case "partially-cancelled":
      return undefined;
    case "cancelled":
      return "already-cancelled";
    case "in-progress":
      return "in-progress";
    case "unknown":
      return "outcome-unknown";
    case "needs-attention":
      return "needs-attention";
  }
}

/** Why the outcome of an order's approval cannot be undone by the transaction of its authentication. */
export function whyNotNetworkCancelled(orderId: string, rows: OrderRows): RefusedReason | undefined {
  const attempt = speakingAttempt(rows.approvals);
  const status = viewOrder(orderId, rows)?.status;
  if (status === "needs-attention" || status === "in-progress") return status;
  if (attempt?.state !== "unknown" || attempt.authTid === null) return "not-paid";
  if (attempt.openCancel === null) return undefined;
  const open = rows.cancels.find(({ id }) => id === attempt.openCancel)?.state;
  return open === "unknown" ? "outcome-unknown" : "in-progress";
}

export function refused(orderId: string, reason: RefusedReason, rows: OrderRows) {
  return { status: "refused", reason, order: viewOrder(orderId, rows) } as const;
}
