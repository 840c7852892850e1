import type {
  ApprovalRequest,
  CancelRequest,
  Reservation,
  ReservedApproval,
  ReservedCancel,
} from "@payapi/core";
import type { DueAt } from "../domain/reservations.js";
import { mayHaveLostRows } from "./accepted-database.js";
import { changeOrder } from "./change-order.js";
import { checkApprovalRequest, checkedCancelRequest } from "./check-request.js";
import { type LedgerContext, newId } from "./context.js";

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
  const { orderId, page } = request;
  const ask = page === undefined ? {} : { tids: [page.tid] };
  const id = newId();
  return changeOrder(context, orderId, (at) => ({ kind: "reserve-approval", request, newId: id, at }), {
    ask,
    onlyIfAccepted: true,
  });
}

/**
 * Reserves the payment's only open cancel together with its amount, or returns why it can't be reserved.
 *
 * @throws LedgerError `database-changed` while the database is not accepted; nothing was written
 */
export function reserveCancel(
  context: LedgerContext,
  given: CancelRequest,
): Promise<Reservation<ReservedCancel>> {
  const request = checkedCancelRequest(given);
  const id = newId();
  return changeOrder(context, request.orderId, (at) => ({ kind: "reserve-cancel", request, newId: id, at }), {
    onlyIfAccepted: true,
  });
}

/** As {@link reserveCancel}, for recovery: an unknown approval is undone only when that is due. */
export function reserveDueNetworkCancel(
  context: LedgerContext,
  request: CancelRequest,
  dueAt: DueAt,
): Promise<Reservation<ReservedCancel>> {
  const id = newId();
  return changeOrder(
    context,
    request.orderId,
    (at, { database }) => ({
      kind: "reserve-cancel",
      request: { ...request, network: true },
      newId: id,
      at,
      // A lost row may say that it is a payment, and goods may have been shipped for it: an operator decides.
      dueAt: (attempt, cancels) =>
        database === undefined || mayHaveLostRows(database, attempt.createdAt)
          ? null
          : dueAt(attempt, cancels),
    }),
    { onlyIfAccepted: true },
  );
}
