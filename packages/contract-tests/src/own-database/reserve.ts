import { randomBytes, randomUUID } from "node:crypto";
import type {
  ApprovalRequest,
  CancelRequest,
  OrderStatus,
  RefusedReason,
  Reservation,
  ReservedApproval,
  ReservedCall,
  ReservedCancel,
} from "@payapi/core";
import type { Pool } from "pg";
import { checkWon, inTransaction, RecordError } from "./database.js";
import { type OrderRows, readOrder, viewOrder } from "./order.js";

export function reserveApproval(
  pool: Pool,
  { orderId, price, payType }: ApprovalRequest,
): Promise<Reservation<ReservedApproval>> {
  checkWon(price, 1);
  return inTransaction(pool, async (db) => {
    const seen = await readOrder(db, orderId, "FOR UPDATE");
    const reason = whyNotCharged[viewOrder(orderId, seen)?.status ?? "declined"];
    if (reason !== undefined) return refused(orderId, reason, seen);
    // Never used again, so that the gateway's console can be searched for exactly this attempt.
    const [id, oid] = [randomUUID(), randomBytes(15).toString("base64url")];
    const { rowCount } = await db.query(
      `INSERT INTO payment_approvals (id, order_id, oid, pay_type, price) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [id, orderId, oid, payType, price],
    );
    // The index has decided in somebody else's favour since the rows were read.
    if (rowCount === 0) return refused(orderId, "in-progress", await readOrder(db, orderId));
    return { status: "reserved", call: { kind: "approval", id, orderId, oid, price } };
  });
}

export function reserveCancel(
  pool: Pool,
  { orderId, part, escrow }: CancelRequest,
): Promise<Reservation<ReservedCancel>> {
  if (part !== undefined) {
    checkWon(part.cancelPrice, 1);
    checkWon(part.confirmPrice, 0);
  }
  return inTransaction(pool, async (db) => {
    const seen = await readOrder(db, orderId, "FOR UPDATE");
    const payment = seen.approvals.at(-1);
    const reason = whyNotCancelled[viewOrder(orderId, seen)?.status ?? "declined"];
    if (reason !== undefined || payment?.tid == null) return refused(orderId, reason ?? "not-paid", seen);
    const { tid, price, remaining, pay_type: payType } = payment;
    const cancelPrice = part?.cancelPrice ?? remaining;
    const confirmPrice = remaining - cancelPrice;
    if (confirmPrice < 0 || (part !== undefined && part.confirmPrice !== confirmPrice)) {
      return refused(orderId, "remaining-differs", seen);
    }
    const id = randomUUID();
    const { rowCount } = await db.query(
      `INSERT INTO payment_cancels (id, approval_id, cancel_price, confirm_price) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [id, payment.id, cancelPrice, confirmPrice],
    );
    if (rowCount === 0) return refused(orderId, "in-progress", await readOrder(db, orderId));
    // Once a part is cancelled, the gateway takes the rest as a part too.
    const plain = cancelPrice === price ? "payments.cancel" : "payments.cancelPartially";
    const operation = escrow === true ? "escrow.confirmRejection" : plain;
    return {
      status: "reserved",
      call: { kind: "cancel", id, orderId, operation, payType, tid, cancelPrice, confirmPrice },
    };
  });
}

/**
 * Only one caller gets past the condition on the state. Whoever is too late must hear `not-yours`, or the handler would
 * settle a call as not sent whose first byte may have left in another's hands.
 */
export async function markSending(pool: Pool, call: ReservedCall): Promise<void> {
  const begun = performance.now();
  const [table, order] =
    call.kind === "approval"
      ? ["payment_approvals", "order_id = $2"]
      : ["payment_cancels", "approval_id IN (SELECT id FROM payment_approvals WHERE order_id = $2)"];
  await inTransaction(pool, async (db) => {
    const { rowCount } = await db.query(
      `UPDATE ${table} SET state = 'sending', sending_at = now() WHERE id = $1 AND state = 'reserved' AND ${order}`,
      [call.id, call.orderId],
    );
    if (rowCount === 0) throw new RecordError("The call is not reserved (any more)", "not-yours");
  });
  // A process that was frozen meanwhile does not know what happened since.
  if (performance.now() - begun > 2_000) throw new RecordError("Too late to send");
}

const whyNotCharged: Record<OrderStatus, RefusedReason | undefined> = {
  declined: undefined,
  "not-sent": undefined,
  "network-cancelled": undefined,
  "awaiting-deposit": undefined,
  paid: "already-paid",
  "partially-cancelled": "already-paid",
  cancelled: "already-cancelled",
  "in-progress": "in-progress",
  unknown: "outcome-unknown",
  "needs-attention": "needs-attention",
};

const whyNotCancelled: Record<OrderStatus, RefusedReason | undefined> = {
  ...whyNotCharged,
  declined: "not-paid",
  "not-sent": "not-paid",
  "network-cancelled": "not-paid",
  "awaiting-deposit": "not-paid",
  paid: undefined,
  "partially-cancelled": undefined,
};

function refused(orderId: string, reason: RefusedReason, rows: OrderRows) {
  return { status: "refused", reason, order: viewOrder(orderId, rows) } as const;
}
