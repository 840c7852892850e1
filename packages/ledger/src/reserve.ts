import type {
  ApprovalRequest,
  CancelRequest,
  Reservation,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import { checkApprovalRequest, checkedCancelRequest } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";
import { inAcceptedDatabase } from "./database-identity/accepted-database.js";
import { LedgerError } from "./errors.js";
import { oidFor } from "./oid.js";
import { speakingAttempt } from "./order-view.js";
import { reserveNetworkCancel } from "./payment-page/reserve-network-cancel.js";
import type { ApprovalRow, LedgerTransaction } from "./store.js";
import { transitionOf } from "./transitions.js";
import { refused, whyNotApproved, whyNotCancelled } from "./why-not.js";

/**
 * Reserves the order's only active approval, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveApproval(
  context: LedgerContext,
  request: ApprovalRequest,
): Promise<Reservation<ReservedApproval>> {
  checkApprovalRequest(request);
  const { mid } = context;
  const { orderId, price, payType, page } = request;
  return inAcceptedDatabase(context, async (tx): Promise<Reservation<ReservedApproval>> => {
    if (page !== undefined) await checkLink(tx, mid, request, page.oid);
    const seen = await tx.ordersRows(mid, [orderId]);
    const reason = whyNotApproved(orderId, seen);
    if (reason !== undefined) return refused(orderId, reason, seen);
    if (page !== undefined && (await tx.tidIsKnown(mid, page.tid))) {
      // Perhaps by the same wish, which somebody else was granted since the rows were read.
      const now = await tx.ordersRows(mid, [orderId]);
      return refused(orderId, whyNotApproved(orderId, now) ?? "tid-used", now);
    }

    const attemptNo = (seen.approvals.at(-1)?.attemptNo ?? 0) + 1;
    const createdAt = context.now(tx);
    const row = {
      id: newId(),
      mid,
      orderId,
      attemptNo,
      oid: page?.oid ?? oidFor(orderId, attemptNo),
      authTid: page?.tid ?? null,
      payType,
      price,
      createdAt,
    };
    const approval = await tx.insertApproval(row);
    if (approval === undefined) {
      // Somebody else was faster: the constraint decided, and the rows say in whose favour.
      const now = await tx.ordersRows(mid, [orderId]);
      const isUsed = page !== undefined && (await tx.tidIsKnown(mid, page.tid));
      return refused(orderId, whyNotApproved(orderId, now) ?? (isUsed ? "tid-used" : "in-progress"), now);
    }
    await tx.addTransition(
      transitionOf({ kind: "approval", approval }, { at: createdAt, from: null, to: "reserved" }),
    );
    return { status: "reserved", call: { kind: "approval", id: row.id, orderId, oid: row.oid, price } };
  });
}

/** The order number comes from our own link, so one that does not fit is a mistake of the program. */
async function checkLink(
  tx: LedgerTransaction,
  mid: string,
  { orderId, price }: ApprovalRequest,
  oid: string,
): Promise<void> {
  const link = await tx.links.byOid(mid, oid);
  if (link?.orderId !== orderId || link.price !== price) {
    throw new LedgerError("invalid-argument", "page.oid must be of a link of this order with this price");
  }
}

/**
 * Reserves the payment's only open cancel together with its amount, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveCancel(
  context: LedgerContext,
  wanted: CancelRequest,
): Promise<Reservation<ReservedCancel>> {
  const request = checkedCancelRequest(wanted);
  if (request.network === true) return reserveNetworkCancel(context, request);
  const { orderId, part } = request;
  return inAcceptedDatabase(context, async (tx): Promise<Reservation<ReservedCancel>> => {
    const seen = await tx.lockOrder(context.mid, orderId);
    const reason = whyNotCancelled(orderId, seen);
    const payment = speakingAttempt(seen.approvals);
    if (reason !== undefined || payment === undefined) {
      return refused(orderId, reason ?? "not-paid", seen);
    }
    const cancelPrice = part?.cancelPrice ?? payment.remaining;
    if (part !== undefined && part.confirmPrice !== payment.remaining - cancelPrice) {
      return refused(orderId, "remaining-differs", seen);
    }
    const id = newId();
    const held = await tx.holdForCancel(payment.id, id, cancelPrice);
    if (held === undefined) return refused(orderId, "remaining-differs", seen);
    const earlier = seen.cancels.filter((row) => row.approvalId === payment.id);
    const seq = (earlier.at(-1)?.seq ?? 0) + 1;
    return { status: "reserved", call: await insertCancel(context, tx, held, seq, id, request) };
  });
}

async function insertCancel(
  context: LedgerContext,
  tx: LedgerTransaction,
  payment: ApprovalRow,
  seq: number,
  id: string,
  { actor, escrow }: CancelRequest,
): Promise<ReservedCancel> {
  const { orderId, payType, tid, price, remaining, held } = payment;
  if (tid === null) throw new LedgerError("broken-rule", "An approved payment has no tid");
  // Once a part is cancelled, the gateway takes the rest as a part too.
  const plain = held === price && remaining === price ? "payments.cancel" : "payments.cancelPartially";
  const operation = escrow === true ? "escrow.confirmRejection" : plain;
  const createdAt = context.now(tx);
  const cancel = await tx.insertCancel({
    id,
    mid: context.mid,
    approvalId: payment.id,
    seq,
    operation,
    cancelPrice: held,
    confirmPrice: remaining - held,
    actor: actor ?? null,
    createdAt,
  });
  if (cancel === undefined) {
    throw new LedgerError("broken-rule", "A payment without an open cancel did not take one");
  }
  await tx.addTransition(
    transitionOf(
      { kind: "cancel", approval: payment, cancel },
      { at: createdAt, from: null, to: "reserved", actor: cancel.actor },
    ),
  );
  const { cancelPrice, confirmPrice } = cancel;
  return { kind: "cancel", id, orderId, operation, payType, tid, cancelPrice, confirmPrice };
}
