import type {
  ApprovalRequest,
  CancelRequest,
  OrderPayment,
  RefusedReason,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import { LedgerError } from "../errors.js";
import { addAttempt, nextAttemptNo, oidFor } from "./attempts.js";
import { createdAfter } from "./deadlines.js";
import type { Draft } from "./order.js";
import { transitionOf } from "./order.js";
import {
  refused,
  speakingAttempt,
  whyNotApproved,
  whyNotCancelled,
  whyNotNetCancelled,
} from "./order-status.js";
import type { ApprovalRow, CancelRow, Order } from "./rows.js";
import { isAnothers } from "./settle-approval.js";

/** The result of a request to reserve a call. */
export type Reserved<Call> =
  | { readonly status: "reserved"; readonly call: Call }
  | { readonly status: "refused"; readonly reason: RefusedReason; readonly order: OrderPayment | undefined };

interface New {
  readonly newId: string;
  readonly at: Date;
}

/** Reserves the order's only active approval, or returns why it can't be reserved. */
export function reserveApproval(
  draft: Draft,
  { request, newId: id, at }: New & { readonly request: ApprovalRequest },
): Reserved<ReservedApproval> {
  const { order, orderId } = draft;
  const { price, payType, page } = request;
  if (page !== undefined) checkLink(order, request, page.oid);
  const reason = whyNotApproved(orderId, order);
  if (reason !== undefined) return refused(order, reason);
  if (page !== undefined && isAnothers(draft, undefined, page.tid)) return refused(order, "tid-used");
  const attemptNo = nextAttemptNo(draft);
  const oid = page?.oid ?? oidFor(orderId, attemptNo);
  const createdAt = createdAfter(order, at);
  const row = { id, attemptNo, oid, authTid: page?.tid ?? null, payType, price, createdAt };
  addAttempt(draft, { ...row, state: "reserved" });
  return { status: "reserved", call: { kind: "approval", id, orderId, oid, price, payType } };
}

/** The order number comes from the shop's own link, so a mismatch is a programming error. */
function checkLink({ links }: Order, { price }: ApprovalRequest, oid: string): void {
  if (links.some((link) => link.oid === oid && link.price === price)) return;
  throw new LedgerError("invalid-argument", "page.oid must be of a link of this order with this price");
}

/** Reserves the payment's only open cancel together with its amount, or returns why it can't be reserved. */
export function reserveCancel(
  draft: Draft,
  { request, newId, at }: New & { readonly request: CancelRequest },
): Reserved<ReservedCancel> {
  const { order, orderId } = draft;
  const { part, escrow, actor } = request;
  const reason = whyNotCancelled(orderId, order);
  const payment = speakingAttempt(order.approvals);
  if (reason !== undefined || payment === undefined) return refused(order, reason ?? "not-paid");
  const { remaining, price, tid } = payment;
  const cancelPrice = part?.cancelPrice ?? remaining;
  const confirmPrice = remaining - cancelPrice;
  if (confirmPrice < 0 || (part !== undefined && part.confirmPrice !== confirmPrice)) {
    return refused(order, "remaining-differs");
  }
  if (tid === null) throw new LedgerError("broken-rule", "An approved payment has no tid");
  // After a partial cancel, the gateway accepts only partial cancels, also for the rest.
  const plain = cancelPrice === price ? "payments.cancel" : "payments.cancelPartially";
  if (plain === "payments.cancelPartially" && escrow !== true && payment.partlyCancellable === false) {
    return refused(order, "not-partly-cancellable");
  }
  const operation = escrow === true ? "escrow.confirmRejection" : plain;
  const asked = { operation, netCancel: false, cancelPrice, confirmPrice } as const;
  const held = draft.changeApproval(payment.id, { openCancel: newId, held: cancelPrice });
  addCancel(draft, held, { id: newId, ...asked, actor: actor ?? null, createdAt: at });
  return { status: "reserved", call: callOf(held, newId, asked, tid) };
}

/** When recovery may undo an unknown approval; `null` if it may not (any more). */
export type DueAt = (attempt: ApprovalRow, cancels: readonly CancelRow[]) => Date | null;

/**
 * Reserves the only cancel that may undo an approval of the payment page whose outcome is unknown, or returns why it can't be
 * reserved. With `dueAt`, only from that time on; with `null`, recovery never looks at the approval again.
 */
export function reserveNetCancel(
  draft: Draft,
  {
    request,
    newId,
    at,
    dueAt,
  }: New & { readonly request: CancelRequest; readonly dueAt?: DueAt | undefined },
): Reserved<ReservedCancel> {
  const { order, orderId } = draft;
  const reason = whyNotNetCancelled(orderId, order);
  const attempt = speakingAttempt(order.approvals);
  if (dueAt !== undefined && attempt !== undefined) {
    const netCancelAt = reason === undefined ? dueAt(attempt, order.cancels) : null;
    if (netCancelAt === null || netCancelAt > at) {
      if (attempt.state === "unknown" && attempt.netCancelAt?.getTime() !== netCancelAt?.getTime()) {
        draft.changeApproval(attempt.id, { netCancelAt });
      }
      return refused(order, reason ?? (netCancelAt === null ? "outcome-unknown" : "in-progress"));
    }
  }
  if (reason !== undefined || attempt === undefined) return refused(order, reason ?? "not-paid");
  const { authTid: tid, price: cancelPrice } = attempt;
  if (tid === null || attempt.mismatchAt !== null) return refused(order, "not-paid");
  const asked = { operation: "payments.cancel", netCancel: true, cancelPrice, confirmPrice: 0 } as const;
  const held = draft.changeApproval(attempt.id, { openCancel: newId });
  addCancel(draft, held, { id: newId, ...asked, actor: request.actor ?? null, createdAt: at });
  return { status: "reserved", call: callOf(held, newId, asked, tid) };
}

type Asked = Pick<CancelRow, "operation" | "netCancel" | "cancelPrice" | "confirmPrice">;

/** A cancel with the amounts that every request for it must have. */
export function callOf(
  { orderId, oid, payType, settledBy }: ApprovalRow,
  id: string,
  asked: Asked,
  tid: string,
): ReservedCancel {
  const { operation, cancelPrice, confirmPrice, netCancel } = asked;
  const call = {
    kind: "cancel",
    id,
    orderId,
    operation,
    oid,
    payType,
    tid,
    cancelPrice,
    confirmPrice,
  } as const;
  const stated = settledBy === "operator" && !netCancel ? ({ tidIsStated: true } as const) : {};
  return netCancel ? { ...call, netCancel } : { ...call, ...stated };
}

function addCancel(
  draft: Draft,
  approval: ApprovalRow,
  row: Asked & Pick<CancelRow, "id" | "actor" | "createdAt">,
): void {
  const { mid } = draft;
  const earlier = draft.order.cancels.filter(({ approvalId }) => approvalId === approval.id);
  const cancel = draft.putCancel({
    ...nothingYet,
    mid,
    approvalId: approval.id,
    seq: (earlier.at(-1)?.seq ?? 0) + 1,
    ...row,
  });
  const { createdAt: at, actor } = row;
  draft.audit(transitionOf({ kind: "cancel", approval, cancel }, { at, from: null, to: "reserved", actor }));
}

const nothingYet = {
  state: "reserved",
  resultCode: null,
  resultMessage: null,
  failureCode: null,
  reportedPrice: null,
  reportedRemaining: null,
  cancelTid: null,
  cancelledAt: null,
  repeats: 0,
  unsentRepeats: 0,
  repeatAt: null,
  settledBy: null,
  sendingAt: null,
  deadlineAt: null,
  settledAt: null,
} as const;
